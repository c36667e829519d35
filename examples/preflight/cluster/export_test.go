package cluster

// PrincipalOf is for tests.
var PrincipalOf = principalOf
