// Package browser_test opens the HTML report in a headless Chromium.
package browser_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/draw"
	"github.com/groundway-sdk/groundway/network/networktest"
)

// save writes a page to a file and returns its URL.
func save(t *testing.T, name string, page []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, page, 0o600))
	return (&url.URL{Scheme: "file", Path: path}).String()
}

// preflight returns the page that the command writes for an account.
func preflight(t *testing.T, account string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "report.html")
	cmd := exec.Command("go", "run", "./examples/preflight", "-spec", "examples/preflight/"+account+"/cluster.yaml",
		"-snapshot", "examples/preflight/"+account, "-format", "html", "-o", out)
	cmd.Dir = "../../.."
	text, err := cmd.CombinedOutput()
	if account == "account" {
		require.NoError(t, err, "%s", text)
	}
	page, err := os.ReadFile(out)
	require.NoError(t, err, "%s", text)
	return page
}

// hostile returns a page whose every text is made to break out of it, and too
// long to fit.
func hostile(t *testing.T) []byte {
	t.Helper()
	const name = "</text></svg></pre><script>document.title='broken'</script><img src=x onerror=alert(1)>$(rm -rf ~)\u202e"
	long := strings.Repeat("subnet", 40)
	s, o := networktest.Public()
	networktest.TheVPC(&s).Tags = map[string]string{"Name": name + long}
	for i := range s.Subnets.Items {
		s.Subnets.Items[i].Tags = map[string]string{"Name": name}
	}
	networktest.Associate(&s, "subnet-0c1", "rtb-01")
	findings := network.Check(s, o)
	for i := range findings {
		if findings[i].Outcome == groundway.Failed {
			findings[i].Summary += " " + name + long
			findings[i].Remedies[0].Commands = append(findings[i].Remedies[0].Commands, []string{"echo", name + long})
		}
	}
	var b strings.Builder
	require.NoError(t, groundway.RenderHTML(&b, groundway.NewReport(s.Time, findings), groundway.HTMLOptions{
		Title: "hostile", Pictures: []groundway.Picture{{Title: name, SVG: draw.SVG(s, o, findings)}},
	}))
	return []byte(b.String())
}

// tooWide lists the elements that reach beyond the window and that nothing
// around them lets scroll.
const tooWide = `[...document.querySelectorAll('body *')].filter(e => {
  if (e.getBoundingClientRect().right <= innerWidth + 0.5) return false;
  for (let p = e; p && p !== document.body; p = p.parentElement)
    if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(p).overflowX) && p.getBoundingClientRect().right <= innerWidth + 0.5) return false;
  return true;
}).map(e => e.tagName + ' ' + e.className)`

// pale lists the texts whose contrast with what is behind them is below 4.5, the
// least of https://www.w3.org/TR/WCAG22/#contrast-minimum.
const pale = `(() => {
  const rgb = c => (c.match(/[\d.]+/g) || []).map(Number);
  const lum = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((s, v, i) => s + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] > 0) return c; } return [255, 255, 255]; };
  const bad = [];
  const judge = (e, ink, paper) => {
    const [a, b] = [lum(ink), lum(paper)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) bad.push(ratio.toFixed(2) + ' ' + e.tagName + ' ' + (e.className.baseVal ?? e.className) + ': ' + e.textContent.slice(0, 40));
  };
  for (const e of document.querySelectorAll('body *:not(svg *)'))
    if ([...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) judge(e, rgb(getComputedStyle(e).color), behind(e));
  for (const e of document.querySelectorAll('svg text')) {
    const t = e.getBoundingClientRect(), x = t.left + 1, y = (t.top + t.bottom) / 2;
    const under = [...document.querySelectorAll('svg rect')].filter(r => { const b = r.getBoundingClientRect(); return b.left <= x && x <= b.right && b.top <= y && y <= b.bottom && getComputedStyle(r).fill !== 'none'; })
      .sort((p, q) => p.getBoundingClientRect().width - q.getBoundingClientRect().width)[0];
    if (under) judge(e, rgb(getComputedStyle(e).fill), rgb(getComputedStyle(under).fill));
  }
  return bad;
})()`

// cut lists the texts of the picture that leave their box.
const cut = `[...document.querySelectorAll('svg text')].filter(e => {
  const t = e.getBoundingClientRect(), s = e.ownerSVGElement.getBoundingClientRect();
  const boxes = [...document.querySelectorAll('svg rect')].map(r => r.getBoundingClientRect())
    .filter(b => b.left <= t.left && t.left <= b.right && b.top <= t.top && t.bottom <= b.bottom).sort((p, q) => p.width - q.width);
  return t.right > s.right || boxes.length > 0 && t.right > boxes[0].right;
}).map(e => e.textContent)`

// lost lists the pictures and commands that are wider than their frame, where no
// hint says that they can be scrolled.
const lost = `[...document.querySelectorAll('.picture, pre')].filter(e => {
  if (e.scrollWidth <= e.clientWidth) return false;
  const hint = e.parentElement.querySelector('.hint');
  return !hint || hint.getBoundingClientRect().height < 10;
}).map(e => e.tagName + ' ' + e.textContent.slice(0, 60))`

// hints counts those that are shown.
const hints = `[...document.querySelectorAll('.hint')].filter(e => e.getBoundingClientRect().height > 0).length`

func TestReport(t *testing.T) {
	pages := map[string]string{
		"ready":   save(t, "ready.html", preflight(t, "account")),
		"broken":  save(t, "broken.html", preflight(t, "broken")),
		"hostile": save(t, "hostile.html", hostile(t)),
	}
	b := start(t)
	for name, page := range pages {
		for _, width := range []int{390, 1280} {
			for _, scheme := range []string{"light", "dark"} {
				t.Run(fmt.Sprintf("%s, %d px, %s", name, width, scheme), func(t *testing.T) {
					b.t = t
					b.open(page, width, scheme)
					quiet(t, b, page)
					assert.Equal(t, width, evaluate[int](b, "innerWidth"), "the page fits the window")
					assert.LessOrEqual(t, evaluate[int](b, "document.documentElement.scrollWidth"), width)
					assert.Empty(t, evaluate[[]string](b, tooWide))
					evaluate[any](b, "document.querySelectorAll('details').forEach(d => d.open = true)")
					assert.Empty(t, evaluate[[]string](b, tooWide), "with everything unfolded")
					assert.Empty(t, evaluate[[]string](b, pale))
					assert.Empty(t, evaluate[[]string](b, cut))
					assert.Empty(t, evaluate[[]string](b, lost))
					// That of the hostile page has no narrow form.
					assert.Equal(t, name == "hostile" && width == 390, evaluate[int](b, hints) == 1)
					assert.Equal(t, 1, evaluate[int](b, "[...document.querySelectorAll('svg')].filter(e => e.getBoundingClientRect().width > 0).length"))
					assert.NotEqual(t, "broken", evaluate[string](b, "document.title"))
					assert.Zero(t, evaluate[int](b, "document.scripts.length + document.images.length"))
					dark := evaluate[string](b, "getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
					assert.Equal(t, scheme == "dark", dark)
					picture(t, b, fmt.Sprintf("%s-%d-%s", name, width, scheme))
				})
			}
		}
	}
}

// quiet fails if the page said anything, threw anything, or asked for anything.
func quiet(t *testing.T, b *browser, page string) {
	t.Helper()
	for _, event := range []string{"Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"} {
		assert.Empty(t, b.heard(event), event)
	}
	for _, request := range b.heard("Network.requestWillBeSent") {
		var r struct{ Request struct{ URL string } }
		require.NoError(t, json.Unmarshal([]byte(request), &r))
		assert.Equal(t, page, r.Request.URL, "nothing is loaded")
	}
}

// picture saves a screenshot of the whole page to the directory that SCREENSHOTS
// names, for a person to look at.
func picture(t *testing.T, b *browser, name string) {
	t.Helper()
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	var shot struct{ Data string }
	b.call("Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": true}, &shot)
	png, err := base64.StdEncoding.DecodeString(shot.Data)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600))
}

// A link to a code leads to it, a click on a command selects it whole, and on
// paper everything is there.
func TestReportIsUsed(t *testing.T) {
	page := save(t, "broken.html", preflight(t, "broken"))
	b := start(t)
	b.open(page+"#network/subnet-not-public", 1280, "light")
	assert.Equal(t, "network/subnet-not-public", evaluate[string](b, "document.querySelector(':target').id"))
	assert.InDelta(t, 0, evaluate[float64](b, "document.querySelector(':target').getBoundingClientRect().top"), 844)
	assert.Empty(t, evaluate[[]string](b, "[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href').slice(1)).filter(id => !document.getElementById(id))"))

	at := evaluate[[]float64](b, `(() => { const r = document.querySelector('pre').getBoundingClientRect(); scrollBy(0, r.top - 100);
		const n = document.querySelector('pre').getBoundingClientRect(); return [n.left + 20, n.top + 15]; })()`)
	for _, kind := range []string{"mousePressed", "mouseReleased"} {
		b.call("Input.dispatchMouseEvent", map[string]any{"type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1}, nil)
	}
	assert.Equal(t, "aws ec2 create-dhcp-options --dhcp-configurations Key=domain-name,Values=us-west-2.compute.internal Key=domain-name-servers,Values=AmazonProvidedDNS",
		evaluate[string](b, "getSelection().toString()"), "the first of two commands, in one line though it is shown in several")

	b.call("Emulation.setEmulatedMedia", map[string]any{"media": "print"}, nil)
	assert.True(t, evaluate[bool](b, "[...document.querySelectorAll('details')].every(d => getComputedStyle(d, '::details-content').contentVisibility === 'visible' && d.lastElementChild.getBoundingClientRect().height > 0)"),
		"what is folded up is printed")
	var pdf struct{ Data string }
	b.call("Page.printToPDF", map[string]any{}, &pdf)
	data, err := base64.StdEncoding.DecodeString(pdf.Data)
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(data), "%PDF-"))
}

// The picture alone, as a file.
func TestPicture(t *testing.T) {
	s, o := networktest.Internal()
	networktest.DetachGateway(&s)
	svg := save(t, "network.svg", []byte(draw.SVG(s, o, network.Check(s, o))))
	b := start(t)
	for _, scheme := range []string{"light", "dark"} {
		b.open(svg, 1280, scheme)
		quiet(t, b, svg)
		assert.Equal(t, "svg", evaluate[string](b, "document.documentElement.tagName"))
		assert.Greater(t, evaluate[int](b, "document.querySelectorAll('text').length"), 20)
		picture(t, b, "picture-"+scheme)
	}
}
