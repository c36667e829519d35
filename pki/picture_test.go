package pki_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/internal/golden"
	"github.com/groundway-sdk/groundway/pki"
)

func picture(t *testing.T, inv pki.Inventory, b pki.Bundle, o pki.PictureOptions) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, pki.RenderSVG(&out, inv, b, o))
	return out.String()
}

func TestRenderSVG(t *testing.T) {
	inv := inventory(t, demo(), pki.InventoryOptions{})
	golden.Check(t, "topology.svg", []byte(picture(t, inv, good(t), pki.PictureOptions{Time: noon})))

	ended := picture(t, inv, good(t), pki.PictureOptions{Time: noon.AddDate(0, 11, 10)})
	assert.Contains(t, ended, `class="small soon"`)
	assert.Contains(t, ended, "controller-manager, 18 days left<")
	ended = picture(t, inv, good(t), pki.PictureOptions{Time: noon.AddDate(2, 0, 0)})
	assert.Contains(t, ended, "ended 2027-03-01")
	empty := picture(t, inv, pki.Bundle{}, pki.PictureOptions{})
	assert.Contains(t, empty, "not in the bundle")
	assert.NotContains(t, empty, "until")
	shared := picture(t, inventory(t, demo(), pki.InventoryOptions{IngressUnderKube: true}), good(t), pki.PictureOptions{})
	assert.Contains(t, shared, "the same as kube")
	assert.Contains(t, shared, "until 2036-02-27", "without a time nothing is marked")
	assert.NotContains(t, shared, `class="small good"`)
}

// Whatever the names are, the picture is well-formed, and holds nothing that runs
// or loads.
func TestRenderSVGIsHarmless(t *testing.T) {
	for _, name := range []string{
		"", "demo", `$(rm -rf ~)<script>alert(1)</script>`, "\x1b[31mred\x00", "]]>&\"'", strings.Repeat("long ", 100), "\u202etxt.exe", "\xff\xfe",
	} {
		c := demo()
		c.Name = name
		for _, cluster := range []pki.Cluster{c, {Name: name, APIExternal: "api.example.com", ServiceCIDR: prefix("10.3.0.0/16")}} {
			text := picture(t, inventory(t, cluster, pki.InventoryOptions{}), good(t), pki.PictureOptions{Time: noon})
			d := xml.NewDecoder(strings.NewReader(text))
			d.Strict = true
			for {
				token, err := d.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				require.NoError(t, err, "%q", name)
				if start, ok := token.(xml.StartElement); ok {
					assert.Contains(t, []string{"svg", "title", "style", "rect", "text", "path"}, start.Name.Local)
					for _, a := range start.Attr {
						assert.NotContains(t, a.Name.Local, "href")
						assert.False(t, strings.HasPrefix(a.Name.Local, "on"), a.Name.Local)
					}
				}
			}
			assert.NotContains(t, text, "url(")
			assert.NotContains(t, text, "@import")
			for _, bad := range []string{"\x1b", "\u202e", "\xff"} {
				assert.NotContains(t, text, bad)
			}
		}
	}
}

// broken is a writer that fails.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestRenderSVGError(t *testing.T) {
	inv := inventory(t, demo(), pki.InventoryOptions{})
	assert.EqualError(t, pki.RenderSVG(broken{}, inv, pki.Bundle{}, pki.PictureOptions{Soon: time.Hour}), "disk full")
}
