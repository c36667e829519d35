package controlplane_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/pki"
)

// opinions asks openssl and zlint about every certificate of the material.
func opinions(t *testing.T, m material, inventory pki.Inventory) {
	t.Helper()
	for _, entry := range inventory.Certificates {
		opensslVerify(t, m, entry)
	}
	zlintAll(t, m)
}

// opensslVerify checks a certificate as strictly as openssl can, for each task
// that it has and each name that it is reached by.
func opensslVerify(t *testing.T, m material, entry pki.Certificate) {
	t.Helper()
	file := m.cert(entry.ID)
	// An authority may be trusted that is no root itself.
	args := []string{"verify", "-x509_strict", "-partial_chain", "-CAfile", m.cert(entry.Authority.CA()), "-untrusted", file}
	var runs [][]string
	if entry.Client() {
		runs = append(runs, []string{"-purpose", "sslclient"})
	}
	if entry.Server() {
		runs = append(runs, []string{"-purpose", "sslserver"})
		for _, name := range entry.DNSNames {
			runs = append(runs, []string{"-purpose", "sslserver", "-verify_hostname", name})
		}
		for _, address := range entry.Addresses {
			runs = append(runs, []string{"-purpose", "sslserver", "-verify_ip", address.String()})
		}
	}
	for _, run := range runs {
		out := openssl(t, m.dir, slices.Concat(args, run, []string{file})...)
		assert.Equal(t, file+": OK\n", string(out), "%s %q", entry.ID, run)
	}
}

// accepted is what zlint objects to and the SDK means.
var accepted = map[string]string{
	"e_key_usage_and_extended_key_usage_inconsistent": "as kubeadm does, RSA keys of clients may encipher keys too",
}

// zlintAll holds the certificates to what the RFCs ask of any certificate. The
// other sources of zlint speak of the public web, where authorities have a
// country and names a registered domain.
func zlintAll(t *testing.T, m material) {
	t.Helper()
	dir := t.TempDir()
	var names []string
	args := []string{"-includeSources", "RFC3279,RFC5280,RFC5480,RFC5891,RFC8813"}
	for _, id := range m.bundle.IDs() {
		for i, c := range m.bundle.Materials[id].Certificates {
			names = append(names, fmt.Sprintf("%s, certificate %d", id, i))
			args = append(args, write(t, dir, fmt.Sprint(len(names)), block("CERTIFICATE", c.Raw)))
		}
	}
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), zlint.Built(t), args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	require.NoError(t, cmd.Run(), "%s", &errs)
	verdicts := json.NewDecoder(&out) // one a file
	for _, name := range names {
		var lints map[string]struct {
			Result  string `json:"result"`
			Details string `json:"details"`
		}
		require.NoError(t, verdicts.Decode(&lints), name)
		passed := 0
		for lint, r := range lints {
			switch {
			case r.Result == "pass":
				passed++
			case r.Result == "NA" || r.Result == "NE" || accepted[lint] != "":
			default:
				assert.Fail(t, "zlint objects", "%s: %s: %s %s", name, lint, r.Result, r.Details)
			}
		}
		assert.Greater(t, passed, 20, "%s: zlint looked at little", name)
	}
	assert.False(t, verdicts.More())
}
