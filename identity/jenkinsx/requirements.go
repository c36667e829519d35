package jenkinsx

// Requirements are the keys of jx-requirements.yml that this package knows. Zero
// values are not written. What else a file holds stays in it.
type Requirements struct {
	Cluster Cluster `yaml:"cluster"`
	// Terraform says that somebody else makes all of the cloud's resources, and
	// jx boot nothing.
	Terraform     bool    `yaml:"terraform"`
	SecretStorage string  `yaml:"secretStorage"` // "local", the default, or "vault"
	Ingress       Ingress `yaml:"ingress"`
	Storage       Storage `yaml:"storage"`
	Vault         Vault   `yaml:"vault"`
}

// Cluster says where the cluster stands.
type Cluster struct {
	Provider    string `yaml:"provider"` // "eks"
	ClusterName string `yaml:"clusterName"`
	Region      string `yaml:"region"`    // "us-east-1"
	Namespace   string `yaml:"namespace"` // of Jenkins X; empty: "jx"
	Registry    string `yaml:"registry"`  // of images: the host of ECR
}

// Ingress says under which names services are reached.
type Ingress struct {
	Domain string `yaml:"domain"` // "cluster1.example.com"
	// ExternalDNS has external-dns write the records of the domain.
	ExternalDNS bool `yaml:"externalDNS"`
	// IgnoreLoadBalancer keeps the domain as it stands: without it boot may write
	// one over it that it makes of the load balancer's address.
	IgnoreLoadBalancer bool `yaml:"ignoreLoadBalancer"`
	// NamespaceSubDomain stands between the name of a service and the domain:
	// "-jx." gives hook-jx.cluster1.example.com. Empty: ".jx.".
	NamespaceSubDomain string `yaml:"namespaceSubDomain"`
	TLS                TLS    `yaml:"tls"`
}

// TLS says whether cert-manager gets certificates of Let's Encrypt.
type TLS struct {
	Enabled    bool   `yaml:"enabled"`
	Email      string `yaml:"email"`      // of the account with Let's Encrypt
	Production bool   `yaml:"production"` // false: of its staging server, which no browser trusts
}

// Storage are the buckets for long-term storage.
type Storage struct {
	Logs       Bucket `yaml:"logs"`       // of builds
	Reports    Bucket `yaml:"reports"`    // of tests
	Repository Bucket `yaml:"repository"` // for artifacts
	Backup     Bucket `yaml:"backup"`     // of Kubernetes objects
}

// A Bucket is one kind of storage. If it is enabled without a URL, boot makes a
// bucket.
type Bucket struct {
	Enabled bool   `yaml:"enabled"`
	URL     string `yaml:"url"` // "s3://name"
}

// Vault configures where secrets are kept, if SecretStorage is "vault".
type Vault struct {
	AWS *VaultAWS `yaml:"aws"`
}

// VaultAWS names what Vault uses in AWS. With AutoCreate boot makes it, by
// CloudFormation; without, all of it has to exist.
type VaultAWS struct {
	AutoCreate     bool   `yaml:"autoCreate"`
	IAMUserName    string `yaml:"iamUserName"` // an existing user, whose access keys Vault gets
	DynamoDBTable  string `yaml:"dynamoDBTable"`
	DynamoDBRegion string `yaml:"dynamoDBRegion"`
	KMSKeyID       string `yaml:"kmsKeyId"` // an ID, an ARN, or an alias
	KMSRegion      string `yaml:"kmsRegion"`
	S3Bucket       string `yaml:"s3Bucket"`
	S3Region       string `yaml:"s3Region"`
	S3Prefix       string `yaml:"s3Prefix"`
}

// UsesVault reports whether Vault keeps the secrets, or is configured to.
func (r Requirements) UsesVault() bool { return r.SecretStorage == "vault" || r.Vault.AWS != nil }

// Buckets returns the kinds of storage that are enabled, by their keys.
func (s Storage) Buckets() map[string]Bucket {
	buckets := map[string]Bucket{}
	for key, b := range map[string]Bucket{"logs": s.Logs, "reports": s.Reports, "repository": s.Repository, "backup": s.Backup} {
		if b.Enabled {
			buckets[key] = b
		}
	}
	return buckets
}
