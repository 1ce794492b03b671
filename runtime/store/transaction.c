/* runtime/store/transaction.c - The end of a transaction of the store. */
#include "runtime/store/state.h"

bool store_transaction_end(struct store *store, bool good, struct error *error)
{
    if (good && sql_commit(store->sql, error)) return true;
    sql_rollback(store->sql);
    return false;
}
