# replay good --with same.gcxb
