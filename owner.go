package groundway

// OwnerTag is the key of the tag that everything carries which this module
// makes in an account; its value says for whom, such as the name of a cluster.
// What does not carry it is never changed or deleted, unless a plan names it.
const OwnerTag = "groundway:owner"
