# What callers of OPA itself may do: ask. Its port is reachable for everybody on this machine, and who could change the
# policy could give himself every document.
package system.authz

default allow := false

allow if input.path == ["health"]

allow if {
	input.method in {"GET", "POST"}
	array.slice(input.path, 0, 3) == ["v1", "data", "dive"]
}
