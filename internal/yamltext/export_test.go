package yamltext

// Distance is internal, and tested against a naive one.
var Distance = distance
