// Package install is what the programs beside it, tectonic, elastic and jenkinsx,
// have in common: one spec in, a plan out, and from it files, an account, or
// nothing at all.
//
//	install.Main(install.Program{Name: "tectonic", Account: account, Plan: plan})
//
// A program's Plan looks at a [Job] (the spec, what was seen of the account, the
// files that are there) and says in it what is to be: lines like those of a diff,
// files, findings, and steps for AWS. What becomes of them is the same for all:
//
//	-dry-run    prints the plan and the verdict on what it leads to; the default
//	-out DIR    writes the files: 0600 in 0700, each whole or not at all
//	-apply      carries out the steps, and shows how far it is; where the verdict has an
//	            error, it does nothing
//
// A dry run makes keys in memory, so that all that would be written is verified,
// and forgets them. A file that is there and does not hold what it should is
// reported and kept, and then nothing is written; valid material that is there is
// used again, so that a second run changes nothing.
package install
