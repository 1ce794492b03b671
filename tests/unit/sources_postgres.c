/* tests/unit/sources_postgres.c - The PostgreSQL source against a real server: typed rows, named exits, bounds. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/host/real.h"
#include "runtime/vocabulary/events_host.h"
#include "tests/unit/postgres_world.h"
#include "tests/unit/sources_texts.h"

Test(sources_postgres, a_row_is_typed_and_its_parameter_bound, .timeout = 30)
{
    struct postgres_world *world = world_new();
    struct answered *answer;
    statement(world, 1, BY_ACCOUNT, customer, 3);
    answer = ask_account(world, "4711");
    is_text(answer, "name", "Dupont");
    is_text(answer, "tier", "gold");
    is_number(answer, "level", KV_INT, 9);
    answer = ask_account(world, "4714");
    is_text(answer, "name", "O'Brien");
    cr_expect_eq(cell(answer, "1", "tier").tag, KV_NONE);
    answer = ask_account(world, "' or 1=1 --");
    cr_expect_eq(answer->outcome, outcome_ok);
    cr_expect_eq(message_text(&answer->message, EventDone_rows).length, 0, "no row");
    world_free(world);
}

Test(sources_postgres, every_type_is_read_exactly, .timeout = 30)
{
    static const struct source_column columns[] = {
        {"i", SOURCE_INT, false, false},       {"n", SOURCE_INT, false, false},
        {"b", SOURCE_BOOL, false, false},      {"b1", SOURCE_BOOL, false, false},
        {"t", SOURCE_TIME, false, false},      {"s", SOURCE_TIME, false, false},
        {"d", SOURCE_DURATION, false, false},  {"d1", SOURCE_DURATION, false, false},
        {"f", SOURCE_FLOAT, false, false},     {"j", SOURCE_TEXT, false, false},
        {"u", SOURCE_TEXT, false, false},      {"m", SOURCE_TEXT, false, false},
        {"day", SOURCE_TEXT, false, false},    {"x", SOURCE_ANY, false, false},
        {"neg", SOURCE_DURATION, false, false}};
    struct postgres_world *world = world_new();
    struct answered *answer;
    statement(world, 2,
              "select 9223372036854775807 as i, sum(x)::numeric as n, true as b, 1 as b1, "
              "timestamptz '2026-03-02 10:00:00.25+01' as t, 1700000000 as s, interval '1 day 2 hours 1.5 seconds' "
              "as d, 90 as d1, 0.1::float8 as f, '{\"a\": 1}'::jsonb as j, "
              "'6c84fb90-12c4-11e1-840d-7b25c5ee775a'::uuid as u, 12345678901234567890.123::numeric as m, "
              "date '2026-03-02' as day, 7 as x, interval '-00:00:00.5' as neg from generate_series(1, 4) x",
              columns, 15);
    answer = ask(world, 2, NULL, 1);
    is_number(answer, "i", KV_INT, INT64_MAX);
    is_number(answer, "n", KV_INT, 10);
    is_number(answer, "b", KV_BOOL, 1);
    is_number(answer, "b1", KV_BOOL, 1);
    is_number(answer, "t", KV_TIME, 1772442000250000);
    is_number(answer, "s", KV_TIME, 1700000000000000);
    is_number(answer, "d", KV_INT, 93601500000);
    is_number(answer, "d1", KV_INT, 90000000);
    cr_expect_eq(cell(answer, "1", "f").number, 0.1);
    is_text(answer, "j", "{\"a\": 1}");
    is_text(answer, "u", "6c84fb90-12c4-11e1-840d-7b25c5ee775a");
    is_text(answer, "m", "12345678901234567890.123");
    is_text(answer, "day", "2026-03-02");
    is_number(answer, "x", KV_INT, 7);
    is_number(answer, "neg", KV_INT, -500000);
    world_free(world);
}

struct wrong {
    const char *text;
    enum source_type type;
    const char *said;
};

Test(sources_postgres, a_wrong_type_and_a_null_are_named, .timeout = 30)
{
    static const struct wrong wrongs[] = {
        {"select tier from customer where account = '4714'", SOURCE_TEXT,
         "column tier of row 1 is NULL; expected a text"},
        {"select name from customer", SOURCE_INT, "column name of row 1 is a text; expected an integer"},
        {"select level from customer", SOURCE_TEXT, "column level of row 1 is an integer; expected a text"},
        {"select true as b", SOURCE_INT, "column b of row 1 is a boolean; expected an integer"},
        {"select 2 as b", SOURCE_BOOL, "column b of row 1 is an integer; expected 0 or 1"},
        {"select 1.5 as n", SOURCE_INT, "column n of row 1 is a real number; expected an integer"},
        {"select 'NaN'::float8 as f", SOURCE_FLOAT, "column f of row 1 is no finite number"},
        {"select localtimestamp as t", SOURCE_TIME, "is a timestamp without time zone; expected"},
        {"select 'infinity'::timestamptz as t", SOURCE_TIME,
         "is a moment before the year 1, after 294246, or without end"},
        {"select '294276-12-31 23:59:59+00'::timestamptz as t", SOURCE_TIME,
         "is a moment before the year 1, after 294246"},
        {"select interval '1 month' as d", SOURCE_DURATION, "an interval of months, which has no length in seconds"},
        {"select 'x'::bytea as x", SOURCE_TEXT, "is a bytea; expected a text"},
        {"select 1, 2", SOURCE_INT, "2 columns; expected one"},
    };
    static const struct source_column other[] = {{"rank", SOURCE_TEXT, false, false}};
    struct source_column columns[sizeof wrongs / sizeof *wrongs];
    struct postgres_world *world = world_new();
    for (uint8_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        columns[i] = (struct source_column){"", wrongs[i].type, false, false};
        statement(world, (uint8_t)(10 + i), wrongs[i].text, &columns[i], 1);
        failed(ask(world, (uint8_t)(10 + i), NULL, 1), outcome_error, code_bad_row, wrongs[i].said);
    }
    statement(world, 9, "select name from customer", other, 1);
    failed(ask(world, 9, NULL, 1), outcome_error, code_bad_row, "no column rank in the result");
    world_free(world);
}

Test(sources_postgres, parameters_go_by_the_type_of_their_place, .timeout = 30)
{
    static const struct source_column columns[] = {
        {"a", SOURCE_INT, false, false}, {"b", SOURCE_BOOL, false, false}, {"c", SOURCE_TIME, false, false},
        {"d", SOURCE_INT, false, false}, {"e", SOURCE_BOOL, false, false}, {"f", SOURCE_DURATION, false, false},
        {"g", SOURCE_TEXT, false, false}};
    struct postgres_world *world = world_new();
    struct answered *answer;
    struct kv params;
    kv_init(&params);
    kv_put_int(&params, "1", -42);
    kv_put_bool(&params, "2", true);
    kv_put_time(&params, "3", 1700000000250000);
    kv_put_time(&params, "4", 1700000000250000);
    kv_put_none(&params, "5");
    kv_put_int(&params, "6", 90);
    kv_put_text(&params, "7", span_of("l'été"));
    statement(world, 2,
              "select $1::int8 as a, $2::bool as b, $3::timestamptz as c, $4::int8 as d, $5::text is null as e, "
              "$6::interval as f, $7::text as g",
              columns, 7);
    statement(world, 3, "select 1 where $1 = 'x'", number, 1);
    answer = ask(world, 2, &params, 1);
    is_number(answer, "a", KV_INT, -42);
    is_number(answer, "b", KV_BOOL, 1);
    is_number(answer, "c", KV_TIME, 1700000000250000);
    is_number(answer, "d", KV_INT, 1700000000);
    is_number(answer, "e", KV_BOOL, 1);
    is_number(answer, "f", KV_INT, 90000000);
    is_text(answer, "g", "l'été");
    failed(ask(world, 3, &params, 1), outcome_error, code_refused, "the statement takes 1 parameters; given were more");
    failed(ask(world, 3, NULL, 1), outcome_error, code_refused, "the statement takes 1 parameters; given were 0");
    kv_free(&params);
    world_free(world);
}

Test(sources_postgres, a_list_is_bound_as_an_array, .timeout = 30)
{
    static const struct source_column columns[] = {
        {"texts", SOURCE_TEXT, false, false}, {"sum", SOURCE_INT, false, false}, {"none", SOURCE_INT, false, false}};
    struct postgres_world *world = world_new();
    struct kv params;
    statement(world, 1,
              "select array_to_string($1::text[], '|', 'NULL') as texts, "
              "(select sum(x) from unnest($2::int[]) x) as sum, cardinality($3::timestamptz[]) as none",
              columns, 3);
    put_texts(&params);
    struct answered *answer = ask(world, 1, &params, 1);
    kv_free(&params);
    is_text(answer, "texts", "4711|O\"Brien|back\\slash|a,b|{}|line\n||NULL");
    is_number(answer, "sum", KV_INT, -2);
    is_number(answer, "none", KV_INT, 0);
    world_free(world);
}

Test(sources_postgres, an_error_hits_only_its_own, .timeout = 30)
{
    struct postgres_world *world = world_new();
    unsigned good = 0;
    statement(world, 1, "select 10 / $1::int4", number, 1);
    for (uint64_t ref = 1; ref <= 300; ref++) {
        struct kv params;
        kv_init(&params);
        kv_put_int(&params, "1", ref % 50 == 0 ? 0 : 5);
        post(world, ref, 1, &params, 1, false, 0);
        kv_free(&params);
    }
    cr_assert(wait_until(world, are_here, 300), "%u answers", world->count);
    for (uint64_t ref = 1; ref <= 300; ref++) {
        cr_expect_eq(world->answers[ref].times, 1);
        if (ref % 50 == 0)
            failed(&world->answers[ref], outcome_error, code_refused, "division by zero (22012)");
        else
            good += world->answers[ref].outcome == outcome_ok && cell(&world->answers[ref], "1", "?column?").word == 2;
    }
    cr_expect_eq(good, 294);
    world_free(world);
}

/* As postgres_fdw and dblink say it: the connection that is lost is not this one. */
Test(sources_postgres, an_error_of_a_connection_behind_the_server_is_no_empty_result, .timeout = 30)
{
    struct postgres_world *world = world_new();
    sql(world, "create or replace function behind() returns int4 language plpgsql as "
               "$$ begin raise exception 'the other server is away' using errcode = '08001'; end $$");
    statement(world, 1, "select behind()", number, 1);
    statement(world, 2, "select 2", number, 1);
    failed(ask(world, 1, NULL, 1), outcome_error, code_unavailable, "the other server is away (08001)");
    cr_expect_eq(cell(ask(world, 2, NULL, 1), "1", "?column?").word, 2);
    sql(world, "drop function behind()");
    world_free(world);
}

Test(sources_postgres, what_the_server_does_not_take_is_refused, .timeout = 30)
{
    struct postgres_world *world = world_new();
    struct kv params;
    statement(world, 1, "select nam from customer", word, 1);
    statement(world, 2, "select 1; select 2", number, 1);
    statement(world, 3, "  ", number, 1);
    statement(world, 4, "insert into note (text) values ('x')", NULL, 0);
    statement(world, 5, "copy customer to stdout", word, 1);
    failed(ask(world, 1, NULL, 1), outcome_error, code_refused, "column \"nam\" does not exist (42703)");
    failed(ask(world, 2, NULL, 1), outcome_error, code_refused, "cannot insert multiple commands");
    failed(ask(world, 3, NULL, 1), outcome_error, code_refused, "not one statement");
    failed(ask(world, 4, NULL, 0), outcome_error, code_refused, "it is read-only: `write = true` is not set");
    cr_expect_neq(ask(world, 5, NULL, 1)->outcome, outcome_ok);
    statement(world, 7, "select $1::int4", number, 1);
    kv_init(&params);
    kv_put_text(&params, "1", span_of("hunter2"));
    failed(ask(world, 7, &params, 1), outcome_error, code_refused, "invalid input syntax for type integer (22P02)");
    cr_expect_null(strstr(world->answers[1].text, "hunter2"), "a value is shown: %s", world->answers[1].text);
    kv_free(&params);
    kv_init(&params);
    kv_put_text(&params, "1", span_of("4929123456789"));
    failed(ask(world, 7, &params, 1), outcome_error, code_refused,
           "value ... is out of range for type integer (22003)");
    cr_expect_null(strstr(world->answers[1].text, "4929"), "a value is shown: %s", world->answers[1].text);
    kv_free(&params);
    statement(world, 8, "select to_date($1::text, 'YYYY')::text", word, 1);
    kv_init(&params);
    kv_put_text(&params, "1", span_of("hun\"ter2"));
    failed(ask(world, 8, &params, 1), outcome_error, code_refused, "invalid value ... (22007)");
    kv_free(&params);
    statement(world, 6, "select 6", number, 1);
    cr_expect_eq(cell(ask(world, 6, NULL, 1), "1", "?column?").word, 6);
    world_free(world);
}

Test(sources_postgres, a_query_ends_at_its_timeout_and_is_cancelled_at_the_server, .timeout = 30)
{
    struct postgres_world *world = world_new();
    struct source_row row;
    statement(world, 1, "select 1 from pg_sleep(20) /* slow */", number, 1);
    statement(world, 2, "select 2", number, 1);
    post(world, 1, 1, NULL, 1, false, 2000000); /* a busy machine has to connect and prepare, too */
    cr_expect(wait_until(world, somebody_sleeps, 0));
    failed(await(world, 1), outcome_timeout, code_timeout, "not done within the time given");
    cr_expect(wait_until(world, nobody_sleeps, 0), "it still runs");
    for (uint64_t ref = 2; ref < 40; ref++) post(world, ref, 2, NULL, 1, false, 0);
    for (uint64_t ref = 2; ref < 40; ref++) cr_expect_eq(cell(await(world, ref), "1", "?column?").word, 2);
    cr_expect(sources_read(world->sources, 0, &row));
    cr_expect_geq(row.cancelled, 1);
    cr_expect_eq(row.lost, 0);
    world_free(world);
}

Test(sources_postgres, what_the_core_cancels_is_not_answered, .timeout = 30)
{
    struct postgres_world *world = world_new();
    statement(world, 1, "select 1 from pg_sleep(20) /* slow */", number, 1);
    statement(world, 2, "select 2", number, 1);
    post(world, 1, 1, NULL, 1, false, 0);
    cr_expect(wait_until(world, somebody_sleeps, 0));
    sources_cancel(world->sources, 7, 1);
    cr_expect(wait_until(world, nobody_sleeps, 0), "it still runs");
    post(world, 2, 2, NULL, 1, false, 0);
    await(world, 2);
    cr_expect_eq(world->answers[1].times, 0);
    world_free(world);
}

Test(sources_postgres, a_slow_statement_does_not_hold_up_the_others, .timeout = 30)
{
    struct postgres_world *world = world_new();
    statement(world, 1, "select 1 from pg_sleep(3) /* slow */", number, 1);
    statement(world, 2, "select 2", number, 1);
    post(world, 1, 1, NULL, 1, false, 0);
    cr_expect(wait_until(world, somebody_sleeps, 0));
    usleep(60000);
    uint64_t began_us = host_monotonic_us();
    for (uint64_t ref = 2; ref < 200; ref++) post(world, ref, 2, NULL, 1, false, 0);
    for (uint64_t ref = 2; ref < 200; ref++) await(world, ref);
    cr_expect_lt(host_monotonic_us() - began_us, 2000000);
    cr_expect_eq(world->answers[1].times, 0);
    cr_expect_eq(await(world, 1)->outcome, outcome_ok);
    world_free(world);
}

Test(sources_postgres, results_are_bounded, .timeout = 30)
{
    struct postgres_world *world = world_new();
    statement(world, 1, "select generate_series(1, 1000000000) as i /* slow */", number, 1);
    statement(world, 2, "select repeat('x', 60000)", word, 1);
    statement(world, 3, "select i from generate_series(1, 1000) i", number, 1);
    failed(ask(world, 1, NULL, 1000), outcome_error, code_too_large, "more than 1000 rows");
    cr_expect(wait_until(world, nobody_sleeps, 0), "it still runs");
    failed(ask(world, 2, NULL, 1), outcome_error, code_too_large, "more than 49152 bytes");
    cr_expect_eq(cell(ask(world, 3, NULL, 1000), "1000", "i").word, 1000);
    cr_expect_eq(cell(ask(world, 1, NULL, 1), "1", "i").word, 1, "the first row is enough");
    world_free(world);
}

Test(sources_postgres, a_locked_table_is_waited_for_and_then_unavailable, .timeout = 30)
{
    struct postgres_world *world = world_new();
    statement(world, 1, BY_ACCOUNT, customer, 3);
    is_text(ask_account(world, "4711"), "name", "Dupont");
    sql(world, "begin; lock table customer in access exclusive mode");
    failed(ask_account(world, "4711"), outcome_error, code_unavailable, "locked (waited 200 ms)");
    sql(world, "commit");
    is_text(ask_account(world, "4711"), "name", "Dupont");
    world_free(world);
}

Test(sources_postgres, a_statement_is_prepared_anew_when_its_table_has_changed, .timeout = 30)
{
    struct postgres_world *world = world_new();
    statement(world, 1, "select * from customer where account = $1", customer, 3);
    is_text(ask_account(world, "4711"), "name", "Dupont");
    sql(world, "alter table customer add column more text");
    is_text(ask_account(world, "4711"), "name", "Dupont");
    sql(world, "alter table customer drop column tier");
    failed(ask_account(world, "4711"), outcome_error, code_bad_row, "no column tier in the result");
    world_free(world);
}

Test(sources_postgres, a_write_says_how_many_rows_it_changed, .timeout = 30)
{
    struct source_options options = usual;
    struct postgres_world *world;
    struct answered *answer;
    struct kv_value value;
    options.write = true;
    world = world_of(options);
    statement(world, 1, "update customer set level = level + 1", NULL, 0);
    statement(world, 2, "select sum(level) from customer", number, 1);
    answer = ask(world, 1, NULL, 0);
    cr_expect_eq(answer->outcome, outcome_ok, "%s", answer->text);
    cr_expect(kv_get(message_text(&answer->message, EventDone_value), "changed", &value) && value.word == 2);
    cr_expect_eq(cell(ask(world, 2, NULL, 1), "1", "sum").word, 16);
    world_free(world);
}
