package pki

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Phase says how far the change from one signing key to the next has come. The
// order is the same for every kind of key that signs: whoever checks signatures
// learns of a key before it signs, and forgets one after the last thing that it
// signed is out of use. The zero value is invalid.
type Phase uint8

const (
	_ Phase = iota
	// PhaseSteady means that one key signs, and it alone is trusted.
	PhaseSteady
	// PhasePrepared means that the next key is made, and nobody trusts it yet.
	PhasePrepared
	// PhasePublished means that the next key is trusted beside the one that signs.
	PhasePublished
	// PhaseSwitched means that the next key signs, and the one before is trusted
	// still.
	PhaseSwitched
)

var phaseNames = []string{PhaseSteady: "steady", PhasePrepared: "prepared", PhasePublished: "published", PhaseSwitched: "switched"}

// String returns the name, or "invalid".
func (p Phase) String() string {
	if p == 0 || int(p) >= len(phaseNames) {
		return "invalid"
	}
	return phaseNames[p]
}

// A KeyRing is what can be seen of keys that sign, whatever they sign:
// certificates, service-account tokens, the tokens of an identity service. Keys
// have names that tell them apart, such as a key identifier.
type KeyRing struct {
	Signs   string   // the key that signs
	Trusted []string // the keys by which signatures are checked, the one that signs among them
	Next    string   // the key that is made and is to sign; empty where none is
	// InUse are the keys that signed what is in use still, where that can be seen.
	InUse []string
}

// Phase returns how far a change has come. It fails for a ring that none of the
// phases leads to, such as one with a key of somebody else's.
func (r KeyRing) Phase() (Phase, error) {
	others := slices.DeleteFunc(slices.Clone(r.Trusted), func(k string) bool { return k == r.Signs })
	switch {
	case r.Signs == "":
		return 0, errors.New("no key signs")
	case !slices.Contains(r.Trusted, r.Signs):
		return 0, fmt.Errorf("the key %s signs, and is not trusted", r.Signs)
	}
	for _, k := range r.InUse {
		if !slices.Contains(r.Trusted, k) {
			return 0, fmt.Errorf("the key %s signed what is in use, and is not trusted", k)
		}
	}
	switch {
	case r.Next == "" || r.Next == r.Signs:
		if len(others) > 0 {
			return PhaseSwitched, nil
		}
		return PhaseSteady, nil
	case len(others) == 0:
		return PhasePrepared, nil
	case !slices.Contains(others, r.Next):
		return 0, fmt.Errorf("the key %s is to sign next, while another change is not finished: %s is trusted still", r.Next, strings.Join(others, " and "))
	case len(others) > 1:
		others = slices.DeleteFunc(others, func(k string) bool { return k == r.Next })
		return 0, fmt.Errorf("the key %s is trusted beside the one that signs and the next, %s", strings.Join(others, " and "), r.Next)
	}
	return PhasePublished, nil
}

// PhaseOptions say how long what stays in use stays in use.
type PhaseOptions struct {
	// Cache is how long those who check signatures may hold on to the keys that
	// they knew.
	Cache time.Duration
	// Life is how long what was signed may be in use.
	Life time.Duration
}

// A PhaseStep leads from one phase to the next.
type PhaseStep struct {
	From, To Phase
	// Wait is how long to wait before, from the end of the step that led to From,
	// whether that is a step of this plan or of an earlier one, and For what.
	Wait time.Duration
	For  string
	Do   string  // an imperative sentence
	Undo string  // how to go back
	Ring KeyRing // afterwards
}

// PlanPhases returns the steps that remain until one key signs and is trusted
// alone. A change that is under way is carried on. Where none is, the key next
// begins one; if that is empty there is nothing to do.
func PlanPhases(r KeyRing, next string, o PhaseOptions) ([]PhaseStep, error) {
	phase, err := r.Phase()
	if err != nil {
		return nil, err
	}
	r = KeyRing{r.Signs, slices.Clone(r.Trusted), r.Next, slices.Clone(r.InUse)}
	var steps []PhaseStep
	step := func(to Phase, s PhaseStep) {
		s.From, s.To = phase, to
		s.Ring = KeyRing{r.Signs, slices.Clone(r.Trusted), r.Next, slices.Clone(r.InUse)}
		steps = append(steps, s)
		phase = to
	}
	if phase == PhaseSteady && next != "" && next != r.Signs {
		r.Next = next
		step(PhasePrepared, PhaseStep{
			Do: "Make the next key, and keep it where the one that signs is kept.", Undo: "Remove the next key.",
		})
	}
	if phase == PhasePrepared {
		r.Trusted = append(r.Trusted, r.Next)
		step(PhasePublished, PhaseStep{
			Do: "Let everybody who checks signatures trust the next key too.", Undo: "Take the next key out of what is trusted.",
		})
	}
	stale := slices.ContainsFunc(r.InUse, func(k string) bool { return k != r.Signs })
	if phase == PhasePublished || phase == PhaseSwitched && stale {
		s := PhaseStep{
			Do:   "Let the next key sign, and issue anew what the one before has signed.",
			Undo: "Put back what the key before has signed: it is trusted still. The key itself comes back only as the next one.",
		}
		if phase == PhasePublished {
			r.Signs, r.Next = r.Next, ""
			s.Wait, s.For = o.Cache, "everybody who checks signatures to know the next key"
		}
		r.InUse = []string{r.Signs}
		step(PhaseSwitched, s)
	}
	if phase == PhaseSwitched {
		r.Trusted = []string{r.Signs}
		step(PhaseSteady, PhaseStep{
			Wait: o.Life, For: "everything that the key before has signed to be out of use",
			Do:   "Let nobody trust the key before any longer.",
			Undo: "Let everybody trust it again; what it signed is good then.",
		})
	}
	return steps, nil
}
