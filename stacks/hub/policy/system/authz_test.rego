package system.authz_test

import data.system.authz

test_health_is_open if authz.allow with input as {"method": "GET", "path": ["health"]}

test_questions_are_open if {
	authz.allow with input as {"method": "POST", "path": ["v1", "data", "dive", "authz", "decision"]}
}

test_changes_are_refused if {
	not authz.allow with input as {"method": "PUT", "path": ["v1", "policies", "dive"]}
	not authz.allow with input as {"method": "DELETE", "path": ["v1", "policies", "dive"]}
	not authz.allow with input as {"method": "PATCH", "path": ["v1", "data", "dive"]}
	not authz.allow with input as {"method": "PUT", "path": ["v1", "data", "dive"]}
}

test_queries_of_the_callers_own_are_refused if {
	not authz.allow with input as {"method": "POST", "path": ["v1", "query"]}
}
