package dex

import (
	"time"

	"github.com/groundway-sdk/groundway"
)

// Storage is where dex keeps its state: one of [KubernetesStorage], [EtcdStorage],
// [SQLite3Storage], [PostgresStorage], [MySQLStorage] and [MemoryStorage].
type Storage struct {
	Config StorageConfig `yaml:"-"`
}

// StorageConfig is implemented by the storages of this package.
type StorageConfig interface {
	Type() string // "kubernetes", the word of the configuration
	storage()
}

// KubernetesStorage keeps everything as custom resources. Exactly one of InCluster
// and KubeConfigFile is set. CRDHandling is "ensure", which is the default and
// makes the resource definitions, or "check".
type KubernetesStorage struct {
	InCluster      bool   `yaml:"inCluster"`
	KubeConfigFile string `yaml:"kubeConfigFile"`
	CRDHandling    string `yaml:"crdHandling"`
}

// EtcdStorage keeps everything in an etcd of its own.
type EtcdStorage struct {
	Endpoints []string         `yaml:"endpoints"`
	Namespace string           `yaml:"namespace"`
	Username  string           `yaml:"username"`
	Password  groundway.Secret `yaml:"password"`
	SSL       EtcdSSL          `yaml:"ssl"`
}

// EtcdSSL are paths of files.
type EtcdSSL struct {
	ServerName string `yaml:"serverName"`
	CAFile     string `yaml:"caFile"`
	KeyFile    string `yaml:"keyFile"`
	CertFile   string `yaml:"certFile"`
}

// SQLite3Storage keeps everything in a file, which one instance can open.
type SQLite3Storage struct {
	File string `yaml:"file"`
}

// PostgresStorage keeps everything in a PostgreSQL database.
type PostgresStorage struct {
	Database string           `yaml:"database"`
	User     string           `yaml:"user"`
	Password groundway.Secret `yaml:"password"`
	Host     string           `yaml:"host"`
	Port     int              `yaml:"port"`

	ConnectionTimeout int `yaml:"connectionTimeout"` // seconds
	MaxOpenConns      int `yaml:"maxOpenConns"`
	MaxIdleConns      int `yaml:"maxIdleConns"`
	ConnMaxLifetime   int `yaml:"connMaxLifetime"` // seconds

	SSL DatabaseSSL `yaml:"ssl"`
}

// MySQLStorage keeps everything in a MySQL database.
type MySQLStorage struct {
	Database string           `yaml:"database"`
	User     string           `yaml:"user"`
	Password groundway.Secret `yaml:"password"`
	Host     string           `yaml:"host"`
	Port     int              `yaml:"port"`

	ConnectionTimeout int `yaml:"connectionTimeout"`
	MaxOpenConns      int `yaml:"maxOpenConns"`
	MaxIdleConns      int `yaml:"maxIdleConns"`
	ConnMaxLifetime   int `yaml:"connMaxLifetime"`

	SSL    DatabaseSSL       `yaml:"ssl"`
	Params map[string]string `yaml:"params"`
}

// DatabaseSSL says how the connection to a database is protected: Mode is
// "disable", "require", "verify-ca" or "verify-full" for PostgreSQL.
type DatabaseSSL struct {
	Mode     string `yaml:"mode"`
	CAFile   string `yaml:"caFile"`
	KeyFile  string `yaml:"keyFile"`
	CertFile string `yaml:"certFile"`
}

// MemoryStorage forgets everything when dex ends, and shares it with no other
// instance.
type MemoryStorage struct{}

// Type returns "kubernetes".
func (KubernetesStorage) Type() string { return "kubernetes" }

// Type returns "etcd".
func (EtcdStorage) Type() string { return "etcd" }

// Type returns "sqlite3".
func (SQLite3Storage) Type() string { return "sqlite3" }

// Type returns "postgres".
func (PostgresStorage) Type() string { return "postgres" }

// Type returns "mysql".
func (MySQLStorage) Type() string { return "mysql" }

// Type returns "memory".
func (MemoryStorage) Type() string { return "memory" }

func (KubernetesStorage) storage() {}
func (EtcdStorage) storage()       {}
func (SQLite3Storage) storage()    {}
func (PostgresStorage) storage()   {}
func (MySQLStorage) storage()      {}
func (MemoryStorage) storage()     {}

// Words, Select and Take are for the decoder of this module.
func (*Storage) Words() []string {
	return []string{"kubernetes", "etcd", "sqlite3", "postgres", "mysql", "memory"}
}

// Select is for the decoder of this module.
func (*Storage) Select(word string) any {
	switch word {
	case "kubernetes":
		return new(KubernetesStorage)
	case "etcd":
		return new(EtcdStorage)
	case "sqlite3":
		return new(SQLite3Storage)
	case "postgres":
		return new(PostgresStorage)
	case "mysql":
		return new(MySQLStorage)
	case "memory":
		return new(MemoryStorage)
	}
	return nil
}

// Take is for the decoder of this module.
func (s *Storage) Take(_ string, value any) { s.Config = deref(value).(StorageConfig) }

// Signer is what signs tokens: [LocalSigner], [VaultSigner], or nil, which is a
// local one.
type Signer struct {
	Config SignerConfig `yaml:"-"`
}

// SignerConfig is implemented by the signers of this package.
type SignerConfig interface {
	Type() string
	signer()
}

// LocalSigner signs with keys in the storage, which dex makes and rotates. Dex asks
// for the period.
type LocalSigner struct {
	KeysRotationPeriod *time.Duration `yaml:"keysRotationPeriod"`
}

// VaultSigner signs with a key of Vault's transit engine.
type VaultSigner struct {
	Addr    string           `yaml:"addr"`
	Token   groundway.Secret `yaml:"token"`
	KeyName string           `yaml:"keyName"`
}

// Type returns "local".
func (LocalSigner) Type() string { return "local" }

// Type returns "vault".
func (VaultSigner) Type() string { return "vault" }

func (LocalSigner) signer() {}
func (VaultSigner) signer() {}

// Words is for the decoder of this module.
func (*Signer) Words() []string { return []string{"local", "vault"} }

// Select is for the decoder of this module.
func (*Signer) Select(word string) any {
	switch word {
	case "local":
		return new(LocalSigner)
	case "vault":
		return new(VaultSigner)
	}
	return nil
}

// Take is for the decoder of this module.
func (s *Signer) Take(_ string, value any) { s.Config = deref(value).(SignerConfig) }
