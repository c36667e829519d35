// Package cluster is the main job of Groundway as a library: what a cluster
// wants of an account ([Spec]), what was seen of the account ([Snapshot]), and
// the verdict of every package on the two ([Check]).
//
//	spec, err := cluster.ReadSpec("cluster.yaml")
//	…
//	snapshot, err := cluster.ReadSnapshot("dump")
//	…
//	report := cluster.Check(spec, snapshot, time.Now())
//	err = report.Err() // nil unless something blocks the installation
//
// It is the one place where the packages meet: each of them knows only itself
// and the vocabulary in the root. Reading files is all the I/O that happens
// here, and no function but those named Read and Write does any.
package cluster
