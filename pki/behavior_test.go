package pki_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/groundway-sdk/groundway/pki"
)

// The matrix has each cell once, for programs that were run, in words that make a
// sentence behind the program's name.
func TestBehaviors(t *testing.T) {
	type cell struct {
		d pki.Defect
		p pki.Program
	}
	seen := map[cell]bool{}
	for _, b := range pki.Behaviors() {
		assert.False(t, seen[cell{b.Defect, b.Program}], "%s, %s", b.Defect, b.Program)
		seen[cell{b.Defect, b.Program}] = true
		assert.Contains(t, []pki.Program{pki.ProgramEtcd, pki.ProgramAPIServer, pki.ProgramDex}, b.Program)
		assert.Contains(t, []pki.Reaction{pki.Works, pki.Breaks, pki.Refuses}, b.Reaction)
		assert.NotEmpty(t, b.Effect)
		assert.False(t, strings.HasSuffix(b.Effect, "."))
		if b.Reaction == pki.Refuses {
			assert.True(t, strings.HasPrefix(b.Effect, "does not start"), b.Effect)
		}
	}
	// The surprises, by which the matrix is known.
	for _, want := range []pki.Behavior{
		{Defect: pki.DefectServerUsageOnly, Program: pki.ProgramEtcd, Reaction: pki.Breaks},
		{Defect: pki.DefectGarbage, Program: pki.ProgramEtcd, Reaction: pki.Breaks},
		{Defect: pki.DefectGarbage, Program: pki.ProgramDex, Reaction: pki.Refuses},
		{Defect: pki.DefectBrokenBlock, Program: pki.ProgramDex, Reaction: pki.Works},
		{Defect: pki.DefectBrokenBlock, Program: pki.ProgramAPIServer, Reaction: pki.Refuses},
		{Defect: pki.DefectAuthorityFirst, Program: pki.ProgramEtcd, Reaction: pki.Refuses},
		{Defect: pki.DefectEd25519Signing, Program: pki.ProgramAPIServer, Reaction: pki.Refuses},
	} {
		assert.True(t, slices.ContainsFunc(pki.Behaviors(), func(b pki.Behavior) bool {
			return b.Defect == want.Defect && b.Program == want.Program && b.Reaction == want.Reaction
		}), "%s, %s", want.Defect, want.Program)
	}
	pki.Behaviors()[0].Effect = "changed"
	assert.NotEqual(t, "changed", pki.Behaviors()[0].Effect, "a fresh slice")
}
