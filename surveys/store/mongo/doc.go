// Package mongo keeps the surveys in one database of MongoDB, or of a server that speaks its protocol.
//
// It uses insert, find, getMore, update, delete and createIndexes only, and to inspect a database hello and listIndexes
// (no aggregate, no transactions, no change streams), so that a standalone server, a replica set, a sharded cluster and MongoDB-compatible
// servers all serve. Every filter that changes one document holds its _id, so that the collections can be
// sharded by {_id: "hashed"}. Several processes may share one database.
//
// Open is the one entry point; surveys.Store says what the methods promise.
package mongo
