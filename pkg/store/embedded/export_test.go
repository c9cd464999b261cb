package embedded

// PlainPattern is plainPattern for tests that need package store as well.
var PlainPattern = plainPattern
