package iamdata

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// WriteFiles writes all files that are made from the data below the top of a module,
// and returns their paths, ordered.
func WriteFiles(d Data, packages []Constants, top string) ([]string, error) {
	contents := map[string][]byte{
		"iam/catalog/actions.bin":      Encode(d),
		"iam/catalog/LICENSE-iam-data": d.License,
	}
	for _, p := range packages {
		path := "iam/action/" + p.Package() + "/action.go"
		former, err := os.ReadFile(filepath.Join(top, filepath.FromSlash(path)))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if contents[path], err = p.Source(d, former); err != nil {
			return nil, err
		}
	}
	// Nothing is written before all of it could be made.
	var paths []string
	for path, content := range contents {
		file := filepath.Join(top, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(file, content, 0o644); err != nil {
			return nil, fmt.Errorf("write %s: %w", path, err)
		}
		paths = append(paths, path)
	}
	slices.Sort(paths)
	return paths, nil
}
