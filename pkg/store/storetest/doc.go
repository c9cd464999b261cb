// Package storetest gives tests the servers they run against: a real Redis, the
// embedded one, a small cluster, a connection that misbehaves on demand, and the
// npm library @igniter-js/store.
//
// Each comes in two forms. A Start function returns an error and leaves stopping
// to its caller, so that it also serves a testscript Setup, where the server ends
// with the script:
//
//	storetest.Require(env.T(), "redis-server")
//	server, err := storetest.StartRedis()
//	if err != nil {
//		return err
//	}
//	env.Defer(server.Stop)
//	env.Setenv("STORE_URL", server.URL())
//
// A Run function is the same for one test: it skips where the program is not
// installed, fails the test on an error, and stops the server at the end.
//
//	server := storetest.RunRedis(t, storetest.WithPassword("secret"))
//
// Everything listens on a free port of 127.0.0.1 and keeps its files in a
// directory of its own, so tests may run in parallel. No program outlives the test
// process, however that ends.
//
// # Missing programs
//
// A test whose program is missing is skipped with a line on standard error. Where
// the environment variable CI is set it fails instead: a suite that silently
// tests nothing is worse than none.
package storetest
