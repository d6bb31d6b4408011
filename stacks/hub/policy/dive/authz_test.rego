package dive.authz_test

import data.dive.authz

secret := {"classification": "SECRET", "releasableTo": ["USA", "GBR"], "communities": ["NATO"]}

officer := {"clearance": "SECRET", "country": "USA", "communities": ["NATO", "FVEY"]}

reasons(subject, document) := found if {
	found := authz.decision.reasons with input as {"subject": subject, "document": document}
}

test_equal_clearance_is_allowed if {
	authz.decision == {"allow": true, "reasons": []} with input as {"subject": officer, "document": secret}
}

test_higher_clearance_is_allowed if {
	reasons(object.union(officer, {"clearance": "TOP_SECRET"}), secret) == []
}

test_each_level_reads_its_own_and_those_below if {
	every reader, clearance in authz.levels {
		every level, classification in authz.levels {
			subject := object.union(officer, {"clearance": clearance})
			document := object.union(secret, {"classification": classification})
			answer := authz.decision.allow with input as {"subject": subject, "document": document}
			expected := reader >= level
			answer == expected
		}
	}
}

test_lower_clearance_is_denied_with_both_levels if {
	reasons(object.union(officer, {"clearance": "RESTRICTED"}), secret) == ["clearance RESTRICTED is below SECRET"]
}

test_unknown_clearance_is_denied if {
	reasons(object.union(officer, {"clearance": "COSMIC"}), secret) == ["the token names no known clearance"]
}

test_foreign_country_is_denied if {
	reasons(object.union(officer, {"country": "FRA"}), secret) == ["not releasable to FRA"]
}

test_no_country_is_denied if {
	reasons(object.remove(officer, ["country"]), secret) == ["the token names no country"]
	reasons(object.union(officer, {"country": ""}), secret) == ["the token names no country"]
}

test_every_community_of_the_document_is_needed if {
	document := object.union(secret, {"communities": ["NATO", "NUCLEAR"]})
	reasons(officer, document) == ["for members of NUCLEAR only"]
}

test_no_communities_in_the_token_are_none if {
	reasons(object.remove(officer, ["communities"]), secret) == ["for members of NATO only"]
}

test_document_without_communities_is_open if {
	reasons(object.union(officer, {"communities": []}), object.union(secret, {"communities": []})) == []
}

test_unlabelled_document_is_denied if {
	reasons(officer, {}) == [
		"the document carries no known classification",
		"the document does not say for which communities it is",
		"the document does not say to whom it is releasable",
	]
}

test_all_reasons_are_told if {
	reasons({"clearance": "UNCLASSIFIED", "country": "FRA", "communities": []}, secret) == [
		"clearance UNCLASSIFIED is below SECRET",
		"for members of NATO only",
		"not releasable to FRA",
	]
}

test_an_empty_question_is_denied if {
	authz.decision.allow == false with input as {}
}

test_visible_are_the_allowed_ones if {
	documents := [
		object.union(secret, {"id": "D-1"}),
		object.union(secret, {"id": "D-2", "classification": "TOP_SECRET"}),
		object.union(secret, {"id": "D-3", "communities": []}),
	]
	authz.visible == {"D-1", "D-3"} with input as {"subject": officer, "documents": documents}
}

test_unlabelled_documents_are_not_visible if {
	authz.visible == set() with input as {"subject": officer, "documents": [{"id": "D-1"}]}
}

test_nothing_is_visible_without_a_subject if {
	authz.visible == set() with input as {"documents": [object.union(secret, {"id": "D-1"})]}
}

test_null_and_other_kinds_are_denied if {
	every subject in [null, {}, {"clearance": null, "country": null}, {"clearance": 4, "country": ["USA"]}] {
		authz.decision.allow == false with input as {"subject": subject, "document": secret}
	}
	every communities in [null, "NATO", {"NATO": false}] {
		count(reasons(object.union(officer, {"communities": communities}), secret)) == 1
	}
	every document in [null, {}, object.union(secret, {"communities": "NATO"}), object.union(secret, {"releasableTo": "USA"})] {
		authz.decision.allow == false with input as {"subject": officer, "document": document}
	}
}

test_each_missing_part_denies_alone if {
	every part in ["classification", "releasableTo", "communities"] {
		count(reasons(officer, object.remove(secret, [part]))) == 1
	}
	every part in ["clearance", "country", "communities"] {
		count(reasons(object.remove(officer, [part]), secret)) == 1
	}
}
