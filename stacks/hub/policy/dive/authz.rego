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

denials contains "the token names no known clearance" if not rank[input.subject.clearance]

denials contains "the document carries no known classification" if not rank[input.document.classification]

denials contains message if {
	rank[input.subject.clearance] < rank[input.document.classification]
	message := sprintf("clearance %s is below %s", [input.subject.clearance, input.document.classification])
}

denials contains "the token names no country" if not country

denials contains message if {
	is_array(input.document.releasableTo)
	not country in input.document.releasableTo
	message := sprintf("not releasable to %s", [country])
}

denials contains "the document does not say to whom it is releasable" if not is_array(input.document.releasableTo)

denials contains "the document does not say for which communities it is" if not is_array(input.document.communities)

denials contains message if {
	some community in input.document.communities
	not community in object.get(input, ["subject", "communities"], [])
	message := sprintf("for members of %s only", [community])
}

country := input.subject.country if input.subject.country != ""
