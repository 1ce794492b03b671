# replay good --with same.gcxb 30s
