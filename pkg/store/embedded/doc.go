// Package embedded is the Redis-compatible server that lives inside the process: behind
// memory://, the guided tour and `store dev`. It is miniredis with what that lacks for
// being left alone with a client:
//
//   - a guard that reads every command before miniredis does and refuses what would end
//     the process, block all clients or show keys that a pattern does not name;
//   - replies that are kept for a client which does not read, so that it stops nobody else;
//   - a clock that runs, a password, and snapshots of all data.
//
// It is for trying things out and for tests. A client that may log in can still use up
// the memory and the processor, as with a script that never ends.
package embedded
