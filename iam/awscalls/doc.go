// Package awscalls watches what a program asks of AWS, in the program itself: a
// [Recorder] notes the calls and says which permissions they need, and a [Guard]
// refuses those that a policy would not allow, before anything is sent.
//
//	var recorder awscalls.Recorder
//	cfg.APIOptions = append(cfg.APIOptions, recorder.Attach)
//	… // the installer runs, or its tests do
//	policy, err := recorder.Requirement(scope, catalog.Catalog{})
//
// Both are middleware for the AWS SDK for Go: no proxy, no certificate, and the
// input is seen as the program wrote it. They know the operations of [Services]. An
// operation is the IAM action of its name, but for those of [Exceptions]; one that
// is neither cannot be mapped: the recorder says so, and the guard refuses it.
//
// The guard knows the policies that it is given and no others, and the condition keys
// that it is told. It is for tests and for programs that hold themselves to a
// policy, and no protection from code that means to get around it.
//
// https://docs.aws.amazon.com/sdk-for-go/v2/developer-guide/middleware.html
package awscalls
