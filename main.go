// Store operates multi-tenant stores in Redis and Valkey from a terminal, a shell
// script or a CI job.
package main

import (
	"os"

	"github.com/tenantstore/store/cmd"
)

func main() { os.Exit(cmd.Main(os.Args[1:])) }
