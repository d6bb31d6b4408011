# Who may read which document. Every decision of the back end is taken here.
#
# input.subject:   { clearance, country, communities: [] }, as the token says
# input.document:  { classification, releasableTo: [], communities: [] }, one label
# input.documents: the same with an id each, for `visible`
package dive.authz

levels := ["UNCLASSIFIED", "RESTRICTED", "CONFIDENTIAL", "SECRET", "TOP_SECRET"]

rank[level] := number if some number, level in levels

# The answer: denied with every reason, or allowed. What is missing or unknown is denied.
decision := {"allow": count(denials) == 0, "reasons": sort(denials)}

# Ids of those documents that may be read; one question for a whole list.
visible contains document.id if {
	some document in input.documents
	count(denials) == 0 with input.document as document
}

# `not` of a rule, never of an expression with input in it: where the input is missing, the whole line would be
# undefined and nothing denied.
denials contains "the token names no known clearance" if not clearance

denials contains "the token names no country" if not country

denials contains "the document carries no known classification" if not classification

denials contains "the document does not say to whom it is releasable" if not releasable

denials contains "the document does not say for which communities it is" if not communities

denials contains message if {
	rank[clearance] < rank[classification]
	message := sprintf("clearance %s is below %s", [clearance, classification])
}

denials contains message if {
	not country in releasable
	message := sprintf("not releasable to %s", [country])
}

denials contains message if {
	some community in communities
	not community in object.get(input, ["subject", "communities"], [])
	message := sprintf("for members of %s only", [community])
}

clearance := input.subject.clearance if rank[input.subject.clearance]

country := input.subject.country if input.subject.country != ""

classification := input.document.classification if rank[input.document.classification]

releasable := input.document.releasableTo if is_array(input.document.releasableTo)

communities := input.document.communities if is_array(input.document.communities)
