package storetest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Certificates are a private authority and what it has signed, as files in PEM form.
type Certificates struct {
	// CA is the authority's certificate.
	CA string

	dir       string
	authority *x509.Certificate
	key       *ecdsa.PrivateKey
	serial    int64
	server    Pair
	client    Pair
}

// Pair are a certificate and its key: Cert and Key are the paths of PEM files.
type Pair struct{ Cert, Key string }

// NewCertificates makes an authority whose files are in dir. A server that is started
// with it has a certificate for 127.0.0.1 and localhost.
func NewCertificates(dir string) (*Certificates, error) {
	c := &Certificates{CA: filepath.Join(dir, "ca.crt"), dir: dir}
	var err error
	if c.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "storetest CA"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &c.key.PublicKey, c.key)
	if err != nil {
		return nil, err
	}
	if c.authority, err = x509.ParseCertificate(der); err != nil {
		return nil, err
	}
	if err := writePEM(c.CA, "CERTIFICATE", der); err != nil {
		return nil, err
	}
	hour := time.Now().Add(time.Hour)
	if c.server, err = c.Sign("server", hour, loopback, "localhost"); err != nil {
		return nil, err
	}
	c.client, err = c.Sign("client", hour)
	return c, err
}

// Client returns a certificate that servers accept of their clients.
func (c *Certificates) Client() Pair { return c.client }

// Sign makes a certificate that ends at a time, for hosts and addresses. The name is that
// of its files, and must be new.
func (c *Certificates) Sign(name string, ends time.Time, hosts ...string) (Pair, error) {
	p := Pair{Cert: filepath.Join(c.dir, name+".crt"), Key: filepath.Join(c.dir, name+".key")}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return p, err
	}
	c.serial++
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1 + c.serial), Subject: pkix.Name{CommonName: name},
		NotBefore: ends.Add(-24 * time.Hour), NotAfter: ends, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, c.authority, &key.PublicKey, c.key)
	if err != nil {
		return p, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return p, err
	}
	if err := writePEM(p.Cert, "CERTIFICATE", der); err != nil {
		return p, err
	}
	return p, writePEM(p.Key, "PRIVATE KEY", secret)
}

// WithServer returns the same authority with another certificate for servers.
func (c *Certificates) WithServer(p Pair) *Certificates {
	other := *c
	other.server = p
	return &other
}

// arguments returns those by which redis-server uses the certificates.
func (c *Certificates) arguments() []string {
	return []string{
		"--tls-cert-file", c.server.Cert, "--tls-key-file", c.server.Key,
		"--tls-ca-cert-file", c.CA, "--tls-replication", "yes", "--tls-cluster", "yes",
	}
}

// config returns the settings of our own connections, which do not look at names and
// times: those may be what a test has made wrong. A nil c stands for no TLS.
func (c *Certificates) config() *tls.Config {
	if c == nil {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(c.client.Cert, c.client.Key)
	if err != nil {
		panic(fmt.Sprintf("certificates of our own: %v", err))
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, InsecureSkipVerify: true}
}

func writePEM(path, kind string, der []byte) error {
	text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	return os.WriteFile(path, text, 0o600)
}
