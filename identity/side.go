package identity

// A Program is one whose configuration takes part.
type Program string

// The programs.
const (
	Dex        Program = "dex"
	APIServer  Program = "kube-apiserver"
	Kubeconfig Program = "kubeconfig"
)

// A Side is what one file says of what all must agree on. A list that the program
// does not have is nil.
type Side struct {
	Program Program
	File    string // for people: the name of the file, or of the flags
	// Issuers are those that dex is, that the API server takes, or that a
	// kubeconfig logs in at.
	Issuers []Value
	// Clients are those of dex, or those that a kubeconfig logs in as: the first at the
	// first of the issuers, and so on.
	Clients []Peer
	// Audiences are what the API server takes of each issuer.
	Audiences []IssuerValue
	// CAs verify the issuers, as PEM.
	CAs []IssuerValue
	// ServiceAccountIssuers are those of the API server itself.
	ServiceAccountIssuers []Value
	// Algorithms are the signatures that the API server takes: nil is all.
	Algorithms []Value
	// UserClaims and GroupClaims are those that the API server maps, of each issuer.
	UserClaims, GroupClaims []IssuerValue
	// Scopes are what a kubeconfig asks for; nil where it does not say, as with kubectl's
	// own provider, which renews what another program asked for.
	Scopes []Value
}

// A Value is a text with its place: file:line:column, a flag, or a JSON pointer.
type Value struct {
	Text string
	Path string
}

// A Peer is a client, and the clients that may get tokens for it.
type Peer struct {
	ID      Value
	Trusted []string
}

// An IssuerValue is said of one issuer, or of all where it names none.
type IssuerValue struct {
	Issuer string
	Value
}
