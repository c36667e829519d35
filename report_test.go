package groundway_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func found(o groundway.Outcome, s groundway.Severity, code groundway.Code, id string) groundway.Finding {
	return groundway.Finding{
		Code: code, Outcome: o, Severity: s,
		Subject: groundway.Subject{Kind: "subnet", ID: id}, Summary: id + " " + o.String(),
	}
}

var (
	errorA   = found(groundway.Failed, groundway.Error, "network/a", "subnet-0a")
	errorB   = found(groundway.Failed, groundway.Error, "network/b", "subnet-0b")
	warning  = found(groundway.Failed, groundway.Warning, "network/c", "subnet-0c")
	note     = found(groundway.Failed, groundway.Info, "network/d", "subnet-0d")
	unknown  = found(groundway.Unknown, groundway.Error, "network/e", "subnet-0e")
	passed   = found(groundway.Passed, groundway.Error, "network/f", "")
	skipped  = found(groundway.Skipped, groundway.Error, "network/g", "")
	ofAKind  = []groundway.Finding{errorA, errorB, unknown, passed, skipped, warning, note} // in order
	blocking = []groundway.Finding{errorA, errorB}
)

func TestReportOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		shuffled := slices.Clone(ofAKind)
		random.Shuffle(len(shuffled), func(i, k int) { shuffled[i], shuffled[k] = shuffled[k], shuffled[i] })
		input := slices.Clone(shuffled)
		split := random.IntN(len(shuffled))
		r := groundway.NewReport(noon, shuffled[:split], nil, shuffled[split:])
		require.Equal(t, ofAKind, r.Findings)
		require.Equal(t, input, shuffled, "the input is left as it was")
	}
}

func TestNewReport(t *testing.T) {
	eastern := noon.In(time.FixedZone("EST", -5*60*60))
	assert.Equal(t, time.UTC, groundway.NewReport(eastern).Time.Location())
	assert.True(t, groundway.NewReport(eastern).Time.Equal(noon))
	assert.Empty(t, groundway.NewReport(noon).Findings)
}

func TestReportCounts(t *testing.T) {
	r := groundway.NewReport(noon, ofAKind)
	assert.Equal(t, groundway.Counts{Errors: 2, Warnings: 1, Infos: 1, Unknown: 1, Passed: 1, Skipped: 1}, r.Counts())
	r, err := r.Waive(groundway.Waiver{Code: "network/a"}, groundway.Waiver{Code: "network/c"}, groundway.Waiver{Code: "network/e"})
	require.NoError(t, err)
	assert.Equal(t, groundway.Counts{Errors: 1, Infos: 1, Waived: 3, Passed: 1, Skipped: 1}, r.Counts())
	assert.Zero(t, groundway.Report{}.Counts())
}

func TestCountsString(t *testing.T) {
	for _, test := range []struct {
		counts groundway.Counts
		want   string
	}{
		{groundway.Counts{}, "no findings"},
		{groundway.Counts{Errors: 1, Warnings: 1, Infos: 1, Unknown: 1, Waived: 1, Passed: 1, Skipped: 1}, "1 error, 1 warning, 1 note, 1 unknown, 1 waived, 1 passed, 1 skipped"},
		{groundway.Counts{Errors: 2, Warnings: 3, Infos: 4, Unknown: 5, Waived: 6, Passed: 7, Skipped: 8}, "2 errors, 3 warnings, 4 notes, 5 unknown, 6 waived, 7 passed, 8 skipped"},
		{groundway.Counts{Errors: 2, Passed: 30}, "2 errors, 30 passed"},
	} {
		assert.Equal(t, test.want, test.counts.String())
	}
}

func TestReportBlocking(t *testing.T) {
	r := groundway.NewReport(noon, ofAKind)
	assert.Equal(t, blocking, r.Blocking())
	r, err := r.Waive(groundway.Waiver{Code: "network/a"})
	require.NoError(t, err)
	assert.Equal(t, []groundway.Finding{errorB}, r.Blocking())
	assert.Empty(t, groundway.NewReport(noon, []groundway.Finding{unknown, passed, skipped, warning, note}).Blocking())
}

func TestReportWorst(t *testing.T) {
	waived := errorA
	waived.Waived = &groundway.Waiver{Code: errorA.Code}
	for _, test := range []struct {
		name     string
		findings []groundway.Finding
		want     groundway.Severity
		ok       bool
	}{
		{"nothing", nil, 0, false},
		{"an unknown, a pass and a skip have no severity that counts", []groundway.Finding{unknown, passed, skipped}, 0, false},
		{"a waived failure does not count", []groundway.Finding{waived}, 0, false},
		{"the worst of several", []groundway.Finding{note, waived, warning}, groundway.Warning, true},
		{"an error", ofAKind, groundway.Error, true},
		{"a note", []groundway.Finding{note, unknown}, groundway.Info, true},
	} {
		got, ok := groundway.NewReport(noon, test.findings).Worst()
		assert.Equal(t, test.want, got, test.name)
		assert.Equal(t, test.ok, ok, test.name)
	}
}

func TestReportErr(t *testing.T) {
	for name, r := range map[string]groundway.Report{
		"zero":            {},
		"empty":           groundway.NewReport(noon, []groundway.Finding{}),
		"nothing blocks":  groundway.NewReport(noon, []groundway.Finding{unknown, passed, skipped, warning, note}),
		"invalid outcome": groundway.NewReport(noon, []groundway.Finding{{Severity: groundway.Error}}),
	} {
		// Not assert.NoError, which a typed nil in the interface would pass
		// in some forms: the comparison is what callers write.
		if err := r.Err(); err != nil {
			t.Errorf("%s: Err is %#v, want nil", name, err)
		}
	}

	err := groundway.NewReport(noon, ofAKind).Err()
	var blocked *groundway.BlockedError
	require.ErrorAs(t, err, &blocked)
	assert.Equal(t, blocking, blocked.Findings)
	assert.EqualError(t, err, "network/a: subnet-0a failed (and 1 more)")
	assert.EqualError(t, groundway.NewReport(noon, []groundway.Finding{errorB}).Err(), "network/b: subnet-0b failed")

	hostile := errorA
	hostile.Summary = "subnet \x1b[2Jgone\n"
	assert.EqualError(t, groundway.NewReport(noon, []groundway.Finding{hostile}).Err(), `network/a: subnet \x1b[2Jgone\n`)
}

func TestParseWaiver(t *testing.T) {
	for _, test := range []struct {
		text string
		want groundway.Waiver
	}{
		{"network/nat-single", groundway.Waiver{Code: "network/nat-single"}},
		{"network/nat-single@nat-0a", groundway.Waiver{Code: "network/nat-single", Subject: "nat-0a"}},
		{"network/cidr-invalid@/network/podCIDR", groundway.Waiver{Code: "network/cidr-invalid", Subject: "/network/podCIDR"}},
		{"sshkeys/weak@authorized_keys:3:1", groundway.Waiver{Code: "sshkeys/weak", Subject: "authorized_keys:3:1"}},
		{"sshkeys/weak@ops@example.com", groundway.Waiver{Code: "sshkeys/weak", Subject: "ops@example.com"}},
	} {
		got, err := groundway.ParseWaiver(test.text)
		require.NoError(t, err, test.text)
		assert.Equal(t, test.want, got, test.text)
		assert.Equal(t, test.text, got.String())
	}
	const form = ": want CODE or CODE@SUBJECT, such as network/nat-single@nat-0a"
	for text, want := range map[string]string{
		"":                         `parse waiver ""` + form,
		"nat-single":               `parse waiver "nat-single"` + form,
		"/nat-single":              `parse waiver "/nat-single"` + form,
		"network/":                 `parse waiver "network/"` + form,
		"network/@nat-0a":          `parse waiver "network/@nat-0a"` + form,
		"@network/nat-single":      `parse waiver "@network/nat-single"` + form,
		"network/nat single":       `parse waiver "network/nat single"` + form,
		" network/nat-single":      `parse waiver " network/nat-single"` + form,
		"network/nat-single\n":     `parse waiver "network/nat-single\n"` + form,
		"network/nat-single@":      `parse waiver "network/nat-single@": no subject after the @`,
		"network\x00/nat-single@x": `parse waiver "network\x00/nat-single@x"` + form,
	} {
		got, err := groundway.ParseWaiver(text)
		assert.EqualError(t, err, want)
		assert.Zero(t, got)
	}
}

func FuzzParseWaiver(f *testing.F) {
	for _, seed := range []string{"network/nat-single", "network/nat-single@nat-0a", "a/b@c@d", "@", "/", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		w, err := groundway.ParseWaiver(text)
		if err != nil {
			return
		}
		assert.Equal(t, text, w.String())
		assert.NotEmpty(t, w.Code.Package())
	})
}

func TestWaive(t *testing.T) {
	hour := time.Hour
	for _, test := range []struct {
		name    string
		waivers []groundway.Waiver
		waived  map[string]groundway.Waiver // by subject
		err     string
	}{
		{
			name: "none",
		},
		{
			name:    "by code",
			waivers: []groundway.Waiver{{Code: "network/a", Reason: "lab"}},
			waived:  map[string]groundway.Waiver{"subnet-0a": {Code: "network/a", Reason: "lab"}},
		},
		{
			name:    "by code and subject",
			waivers: []groundway.Waiver{{Code: "network/a", Subject: "subnet-0a"}},
			waived:  map[string]groundway.Waiver{"subnet-0a": {Code: "network/a", Subject: "subnet-0a"}},
		},
		{
			name:    "an unknown can be waived",
			waivers: []groundway.Waiver{{Code: "network/e"}},
			waived:  map[string]groundway.Waiver{"subnet-0e": {Code: "network/e"}},
		},
		{
			name:    "the first that covers shows, and the second is not unused",
			waivers: []groundway.Waiver{{Code: "network/a", Reason: "first"}, {Code: "network/a", Subject: "subnet-0a", Reason: "second"}},
			waived:  map[string]groundway.Waiver{"subnet-0a": {Code: "network/a", Reason: "first"}},
		},
		{
			name:    "an expired one gives way to the next",
			waivers: []groundway.Waiver{{Code: "network/a", Expires: noon}, {Code: "network/a", Reason: "second"}},
			waived:  map[string]groundway.Waiver{"subnet-0a": {Code: "network/a", Reason: "second"}},
			err:     "waive network/a: expired on 2026-03-01",
		},
		{
			name:    "another subject",
			waivers: []groundway.Waiver{{Code: "network/a", Subject: "subnet-0b"}},
			err:     "waive network/a@subnet-0b: no failed or unknown finding has this code and subject",
		},
		{
			name:    "a part of the subject or of the code is not enough",
			waivers: []groundway.Waiver{{Code: "network/a", Subject: "subnet-0"}, {Code: "network/"}, {Code: "network/a", Subject: "subnet"}},
			err: "waive network/a@subnet-0: no failed or unknown finding has this code and subject\n" +
				"waive network/: no failed or unknown finding has this code and subject\n" +
				"waive network/a@subnet: no failed or unknown finding has this code and subject",
		},
		{
			name:    "a pass and a skip need no waiver",
			waivers: []groundway.Waiver{{Code: "network/f"}, {Code: "network/g"}},
			err: "waive network/f: no failed or unknown finding has this code and subject\n" +
				"waive network/g: no failed or unknown finding has this code and subject",
		},
		{
			name:    "valid until the instant before it expires",
			waivers: []groundway.Waiver{{Code: "network/a", Expires: noon.Add(time.Nanosecond)}},
			waived:  map[string]groundway.Waiver{"subnet-0a": {Code: "network/a", Expires: noon.Add(time.Nanosecond)}},
		},
		{
			name:    "void at the instant it expires",
			waivers: []groundway.Waiver{{Code: "network/a", Expires: noon}},
			err:     "waive network/a: expired on 2026-03-01",
		},
		{
			name:    "the date is in UTC",
			waivers: []groundway.Waiver{{Code: "network/a", Expires: noon.Add(-13 * hour).In(time.FixedZone("", 5*3600))}},
			err:     "waive network/a: expired on 2026-02-28",
		},
		{
			name:    "the unused beside the used",
			waivers: []groundway.Waiver{{Code: "network/b"}, {Code: "network/z"}},
			waived:  map[string]groundway.Waiver{"subnet-0b": {Code: "network/b"}},
			err:     "waive network/z: no failed or unknown finding has this code and subject",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := groundway.NewReport(noon, ofAKind)
			after, err := before.Waive(test.waivers...)
			if test.err == "" {
				assert.NoError(t, err)
			} else {
				assert.EqualError(t, err, test.err)
			}
			assert.Equal(t, groundway.NewReport(noon, ofAKind), before, "the receiver does not change")
			assert.Equal(t, before.Time, after.Time)
			require.Len(t, after.Findings, len(before.Findings), "nothing is deleted")
			for i, f := range after.Findings {
				want, waived := test.waived[f.Subject.ID]
				if waived {
					require.NotNil(t, f.Waived, f.Code)
					assert.Equal(t, want, *f.Waived)
				} else {
					assert.Nil(t, f.Waived, f.Code)
				}
				f.Waived = nil
				assert.Equal(t, before.Findings[i], f, "nothing but the mark changes")
			}
		})
	}
}

// TestWaiveKeepsMarks proves that a second round of waivers neither takes a mark
// away nor changes it.
func TestWaiveKeepsMarks(t *testing.T) {
	r, err := groundway.NewReport(noon, ofAKind).Waive(groundway.Waiver{Code: "network/a", Reason: "first"})
	require.NoError(t, err)
	r, err = r.Waive(groundway.Waiver{Code: "network/a", Reason: "second"}, groundway.Waiver{Code: "network/b"})
	require.NoError(t, err)
	assert.Equal(t, "first", r.Findings[0].Waived.Reason)
	assert.NoError(t, r.Err())
}

func TestReportDiff(t *testing.T) {
	reword := func(f groundway.Finding) groundway.Finding {
		f.Summary, f.Detail, f.Evidence = "other words", "other detail", []groundway.Fact{{Got: "other"}}
		return f
	}
	become := func(f groundway.Finding, o groundway.Outcome, s groundway.Severity) groundway.Finding {
		f.Outcome, f.Severity = o, s
		return f
	}
	waived := errorA
	waived.Waived = &groundway.Waiver{Code: errorA.Code}
	otherwise := errorA
	otherwise.Waived = &groundway.Waiver{Code: errorA.Code, Reason: "another reason"}
	list := func(f ...groundway.Finding) []groundway.Finding { return f }
	for _, test := range []struct {
		name         string
		earlier, now []groundway.Finding
		want         groundway.Diff
	}{
		{"nothing", nil, nil, groundway.Diff{}},
		{"the same", ofAKind, ofAKind, groundway.Diff{}},
		{"other words are no change", list(errorA), list(reword(errorA)), groundway.Diff{}},
		{"new, in order", list(passed), list(unknown, errorB, errorA), groundway.Diff{New: list(errorA, errorB, unknown)}},
		{"gone, in order", list(unknown, errorB, errorA), list(passed), groundway.Diff{Gone: list(errorA, errorB, unknown)}},
		{"a pass and a skip do not count", list(passed, skipped), nil, groundway.Diff{}},
		{"fixed", list(errorA), list(become(errorA, groundway.Passed, groundway.Error)), groundway.Diff{Gone: list(errorA)}},
		{"skipped now", list(errorA), list(become(errorA, groundway.Skipped, groundway.Error)), groundway.Diff{Gone: list(errorA)}},
		{
			"became unknown", list(errorA), list(become(errorA, groundway.Unknown, groundway.Error)),
			groundway.Diff{Changed: list(become(errorA, groundway.Unknown, groundway.Error))},
		},
		{
			"less severe", list(errorA), list(become(errorA, groundway.Failed, groundway.Warning)),
			groundway.Diff{Changed: list(become(errorA, groundway.Failed, groundway.Warning))},
		},
		{"waived", list(errorA), list(waived), groundway.Diff{Changed: list(waived)}},
		{"no longer waived", list(waived), list(errorA), groundway.Diff{Changed: list(errorA)}},
		{"waived for another reason", list(waived), list(otherwise), groundway.Diff{}},
		{"all at once", list(errorA, warning, note), list(waived, warning, errorB), groundway.Diff{
			New: list(errorB), Gone: list(note), Changed: list(waived),
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			earlier, now := groundway.NewReport(noon.Add(-time.Hour), test.earlier), groundway.NewReport(noon, test.now)
			assert.Equal(t, test.want, now.Diff(earlier))
			back := earlier.Diff(now)
			assert.Equal(t, test.want.New, back.Gone, "the other way around, new is gone")
			assert.Equal(t, test.want.Gone, back.New)
			assert.Len(t, back.Changed, len(test.want.Changed))
		})
	}
}

func TestReportJSON(t *testing.T) {
	r, err := groundway.NewReport(noon.In(time.FixedZone("", 3600)), ofAKind).Waive(groundway.Waiver{Code: "network/a", Expires: noon.AddDate(1, 0, 0)})
	require.NoError(t, err)
	data, err := json.Marshal(r)
	require.NoError(t, err)
	var back groundway.Report
	require.NoError(t, json.Unmarshal(data, &back))
	assert.Equal(t, r, back)

	var form struct {
		Schema   string
		Time     string
		Counts   map[string]int
		Findings []map[string]any
	}
	require.NoError(t, json.Unmarshal(data, &form))
	assert.Equal(t, "groundway.report/v1", form.Schema)
	assert.Equal(t, "2026-03-01T12:00:00Z", form.Time)
	assert.Equal(t, map[string]int{"errors": 1, "warnings": 1, "infos": 1, "unknown": 1, "waived": 1, "passed": 1, "skipped": 1}, form.Counts)
	assert.Len(t, form.Findings, len(ofAKind))

	empty, err := json.Marshal(groundway.NewReport(noon))
	require.NoError(t, err)
	assert.Equal(t, `{"schema":"groundway.report/v1","time":"2026-03-01T12:00:00Z",`+
		`"counts":{"errors":0,"warnings":0,"infos":0,"unknown":0,"waived":0,"passed":0,"skipped":0},"findings":[]}`, string(empty))
}

func TestReportJSONOrders(t *testing.T) {
	var r groundway.Report
	require.NoError(t, json.Unmarshal([]byte(`{"schema":"groundway.report/v1","time":"2026-03-01T13:00:00+01:00","findings":[
		{"code":"network/b","outcome":"failed","severity":"warning"},
		{"code":"network/a","outcome":"failed","severity":"error"}
	]}`), &r))
	assert.Equal(t, groundway.Code("network/a"), r.Findings[0].Code)
	assert.Equal(t, noon, r.Time)
}

func TestReportJSONErrors(t *testing.T) {
	for _, test := range []struct{ data, want string }{
		{`{}`, `parse report: schema "", want "groundway.report/v1"`},
		{`{"schema":"groundway.report/v2"}`, `parse report: schema "groundway.report/v2", want "groundway.report/v1"`},
		{`{"schema":"groundway.snapshot/v1"}`, `parse report: schema "groundway.snapshot/v1", want "groundway.report/v1"`},
		{`{"schema":"groundway.report/v1","findings":[{"outcome":"lost"}]}`, `parse report: parse outcome "lost": want one of passed, failed, skipped, unknown`},
	} {
		r := groundway.NewReport(noon, ofAKind)
		assert.EqualError(t, json.Unmarshal([]byte(test.data), &r), test.want)
		assert.Equal(t, groundway.NewReport(noon, ofAKind), r, "a report that cannot be read leaves the old one")
	}
	_, err := json.Marshal(groundway.NewReport(noon, []groundway.Finding{{Code: "a/b"}}))
	assert.ErrorContains(t, err, "marshal outcome 0: not a valid value")
}

// FuzzReportJSON reads any text: what can be read and written again reads back
// as the same, and never panics on the way.
func FuzzReportJSON(f *testing.F) {
	whole, err := json.Marshal(groundway.NewReport(noon, ofAKind))
	require.NoError(f, err)
	for _, seed := range []string{
		string(whole), `{}`, `null`, `[]`, "", `{"schema":"groundway.report/v1","findings":[null,{}]}`,
		`{"schema":"groundway.report/v1","findings":[{"code":"a/b","outcome":"failed","severity":"error","summary":"\ud800\u0000"}]}`,
		`{"schema":"groundway.report/v1","time":"9999-12-31T23:59:59.999999999Z","findings":[{"waived":{"expires":"0001-01-01T00:00:00Z"}}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var r groundway.Report
		if json.Unmarshal(data, &r) != nil {
			return
		}
		again, err := json.Marshal(r)
		if err != nil {
			return
		}
		var back groundway.Report
		require.NoError(t, json.Unmarshal(again, &back))
		third, err := json.Marshal(back)
		require.NoError(t, err)
		require.Equal(t, string(again), string(third))
		if (r.Err() == nil) != (back.Err() == nil) {
			t.Fatal("the report blocks before or after, not both")
		}
	})
}

func TestBlockedErrorIsNoSlice(t *testing.T) {
	var none []groundway.Finding
	_, is := any(none).(error)
	assert.False(t, is, "an empty list in an error variable would be a failure that is none")
	assert.ErrorAs(t, groundway.NewReport(noon, blocking).Err(), new(*groundway.BlockedError))
}
