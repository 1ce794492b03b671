/* tests/bench/stores.c - Appends to the journal's stores, one after another as the journal's thread makes them.
 *
 *   stores FOLDER CONNINFO RECORDS SECONDS        the store; CONNINFO "": SQLite
 *   stores plain CONNINFO RECORDS SECONDS         the same INSERT by libpq alone, as fast as a program can
 *
 * A record has 250 bytes, a batch that many records. Prints: appends a second, p50 and p99 in us. */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/host/real.h"
#include "runtime/journal/place.h"
#include "base/memory.h"

enum { RECORD = 250, TIMES_MAX = 1000000 };

static uint64_t *times;
static size_t times_count;

static int times_order(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static int fail(const char *why)
{
    fprintf(stderr, "stores: %s\n", why);
    return 1;
}

static int store_run(const char *folder, const char *conninfo, struct span batch, uint64_t until_us)
{
    struct journal_place place = {.database = conninfo, .domain = 1, .wait_s = 10, .depose = true};
    struct error error = {0};
    struct batches *store = place_open(folder, &place, NULL, &error);
    if (!store) return fail(error.text);
    while (times_count < TIMES_MAX && host_monotonic_us() < until_us) {
        uint64_t began_us = host_monotonic_us();
        if (batches_append(store, batches_last(store) + 1, batch, &error) != APPEND_OK) return fail(error.text);
        times[times_count++] = host_monotonic_us() - began_us;
    }
    batches_close(store);
    return 0;
}

static int plain_run(const char *conninfo, struct span batch, uint64_t until_us)
{
    static const char sql[] = "INSERT INTO plain_batch SELECT coalesce(max(batch), 0) + 1, 1, $1::bytea, $2::bytea, "
                              "$3::bytea FROM plain_batch";
    static const char table[] = "SET client_min_messages = error; SET synchronous_commit = on;"
                                "CREATE TABLE IF NOT EXISTS plain_batch(batch bigint PRIMARY KEY, term bigint NOT NULL,"
                                " nonce bytea NOT NULL, prev bytea NOT NULL, bytes bytea NOT NULL);"
                                "ALTER TABLE plain_batch ALTER COLUMN bytes SET STORAGE EXTERNAL";
    PGconn *connection = PQconnectdb(conninfo);
    if (PQstatus(connection) != CONNECTION_OK) return fail(PQerrorMessage(connection));
    PQclear(PQexec(connection, table));
    PQclear(PQprepare(connection, "append", sql, 0, NULL));
    static const char other[32];
    const char *values[] = {other, other, (const char *)batch.bytes};
    const int lengths[] = {16, 32, (int)batch.length}, binary[] = {1, 1, 1};
    while (times_count < TIMES_MAX && host_monotonic_us() < until_us) {
        uint64_t began_us = host_monotonic_us();
        PGresult *result = PQexecPrepared(connection, "append", 3, values, lengths, binary, 1);
        if (PQresultStatus(result) != PGRES_COMMAND_OK) return fail(PQerrorMessage(connection));
        PQclear(result);
        times[times_count++] = host_monotonic_us() - began_us;
    }
    PQfinish(connection);
    return 0;
}

int main(int count, char **arguments)
{
    if (count != 5) return fail("FOLDER|plain CONNINFO RECORDS SECONDS");
    uint32_t length = RECORD * (uint32_t)strtoul(arguments[3], NULL, 10);
    double seconds = strtod(arguments[4], NULL);
    uint8_t *bytes = memory_zeroed(length, 1);
    for (uint32_t i = 0; i < length; i++) bytes[i] = (uint8_t)rand();
    struct span batch = {bytes, length};
    times = memory_zeroed(TIMES_MAX, sizeof *times);
    uint64_t until_us = host_monotonic_us() + (uint64_t)(seconds * 1e6);
    int result = strcmp(arguments[1], "plain") == 0 ? plain_run(arguments[2], batch, until_us)
                                                    : store_run(arguments[1], arguments[2], batch, until_us);
    if (result == 0 && times_count > 0) {
        qsort(times, times_count, sizeof *times, times_order);
        printf("%.0f %llu %llu\n", (double)times_count / seconds, (unsigned long long)times[times_count / 2],
               (unsigned long long)times[times_count * 99 / 100]);
    }
    free(times);
    free(bytes);
    return result;
}
