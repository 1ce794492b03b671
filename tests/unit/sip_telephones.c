/* tests/unit/sip_telephones.c - How an exchange knows where its telephones are: behind routers and edges, over a
 * restart, by IPv6, and while they move. */
#include <criterion/criterion.h>
#include <glib.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/disk_faults.h"
#include "tests/unit/disk_power.h"
#include "tests/unit/sip_five.h"

TestSuite(sip_telephones, .timeout = 60);

static void begin_by_ipv6(void)
{
    static const char *const settings[][2] = {
        {"address", "[::1]:0"}, {"trunks", "fd00::2, fd00::4"}, {"outbound", "[fd00::4]:5084"}, {NULL, NULL}};
    five_begin_at(settings, "fd00::2", "fd00::3", "fd00::4");
}

/* --- Telephones behind routers --- */

Test(sip_telephones, a_telephone_behind_a_router_is_asked_before_that_forgets_it, .init = five_begin,
     .fini = five_finish)
{
    agent->contact = "7001@10.1.2.3:5060";
    peer_registers(world, agent);
    peer_registers(world, expert);
    world_run(world, 24000);
    cr_assert(agent->status == 200 && expert->status == 200);
    cr_assert_eq(agent->asked, 0, "its REGISTER has opened the way");
    world_run(world, 2000);
    cr_assert_eq(agent->asked, 1);
    world_run(world, 50000);
    cr_assert_eq(agent->asked, 3);
    cr_assert_eq(expert->asked, 0, "it is reached at its Contact: no router is between");
    cr_assert_eq(*world->logged, '\0', "%s", world->logged);
    telephone_is(&world->exchange, five_telephone("7001"), false);
    world_run(world, 30000);
    cr_assert_eq(agent->asked, 3);
}

Test(sip_telephones, a_proof_comes_within_a_minute, .init = five_begin, .fini = five_finish)
{
    agent->thinks = true;
    for (unsigned late = 0; late < 2; late++) {
        peer_registers(world, agent);
        world_run(world, late ? 60001 : 59000);
        peer_proves_late(agent);
        world_run(world, 100);
        cr_expect(strstr(agent->said, late ? ", stale=true" : "SIP/2.0 200"), "%s", agent->said);
    }
}

Test(sip_telephones, a_registration_is_confirmed_for_so_long_as_it_lasts, .init = five_begin, .fini = five_finish)
{
    agent->contact = "7001@10.1.2.3:5060";
    peer_registers(world, agent);
    world_run(world, 100);
    cr_assert(strstr(agent->said, "\r\nContact: <sip:7001@10.1.2.3:5060>;expires=120\r\n"), "%s", agent->said);
    world_run(world, 118000);
    cr_assert(five_telephone("7001")->registered);
    world_run(world, 3000);
    cr_assert_not(five_telephone("7001")->registered);
    /* All of its registrations end by a star, which is good for nothing else. */
    peer_registers(world, agent);
    world_run(world, 100);
    agent->contact = "*";
    peer_registers(world, agent);
    world_run(world, 100);
    cr_assert(agent->status == 400 && five_telephone("7001")->registered, "%u", agent->status);
    agent->lines = "Expires: 0\r\n";
    peer_registers(world, agent);
    world_run(world, 100);
    cr_assert(agent->status == 200 && !five_telephone("7001")->registered, "%u", agent->status);
    agent->lines = "";
}

/* An edge is between: its address is that of the telephone here. A route that leads elsewhere is not taken. */
Test(sip_telephones, a_telephone_behind_an_edge_is_called_by_its_path, .init = five_begin, .fini = five_finish)
{
    static const char *const rows[][3] = {
        {"Path: <sip:edge@127.0.0.3:5081;lr;received=sip:9.9.9.9:5066%3Btransport%3Dudp>\r\n",
         "INVITE sip:7001@10.1.2.3:5060 SIP/2.0",
         "\r\nRoute: <sip:edge@127.0.0.3:5081;received=sip:9.9.9.9:5066%3Btransport%3Dudp;lr>\r\n"},
        {"Path: <sip:127.0.0.3:5081;lr=on>\r\n", "INVITE sip:7001@10.1.2.3:5060 SIP/2.0",
         "\r\nRoute: <sip:127.0.0.3:5081;lr>\r\n"},
        {"Path: <sip:127.0.0.66:5081;lr>\r\n", "INVITE sip:7001@127.0.0.3:5081 SIP/2.0", NULL},
        {"Path: <sip:127.0.0.3:5081;lr;maddr=127.0.0.66>\r\n", "INVITE sip:7001@127.0.0.3:5081 SIP/2.0", NULL},
        {"Path: <sip:127.0.0.66:5082;lr@127.0.0.3:5081>\r\n", "INVITE sip:7001@127.0.0.3:5081 SIP/2.0", NULL},
        {"", "INVITE sip:7001@127.0.0.3:5081 SIP/2.0", NULL}};
    agent->contact = "7001@10.1.2.3:5060";
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        agent->lines = rows[i][0];
        peer_registers(world, agent);
        world_run(world, 100);
        cr_assert_eq(agent->status, 200);
        cr_assert_eq(strstr(agent->said, "\r\nPath: <") != NULL, rows[i][2] != NULL, "%s", agent->said);
        agent->lines = "";
        peer_calls(world, caller, "1800");
        world_run(world, 100);
        world_route(world, world->exchange.first, "7001");
        world_run(world, 100);
        cr_assert(agent->state == PEER_RINGS && strncmp(agent->invite, rows[i][1], strlen(rows[i][1])) == 0, "%zu: %s",
                  i, agent->invite);
        cr_assert(rows[i][2] ? strstr(agent->invite, rows[i][2]) != NULL : !strstr(agent->invite, "\r\nRoute: "), "%s",
                  agent->invite);
        peer_answers(world, agent);
        world_run(world, 100);
        peer_hangs_up(world, caller);
        world_run(world, 100);
    }
    cr_assert(agent->state == PEER_IDLE && !world->exchange.first);
}

/* A Contact or a Path that could not stand in a request of ours is not kept: the telephone is called where it came
 * from. */
Test(sip_telephones, an_address_that_is_no_plain_text_is_not_kept, .init = five_begin, .fini = five_finish)
{
    static const char *const rows[][2] = {{"7001@10.1.2.3:5060;x=a|b", "Path: <sip:127.0.0.3:5081;lr>\r\n"},
                                          {"7001@10.1.2.3:5060", "Path: <sip:a|b@127.0.0.3:5081;lr>\r\n"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        agent->contact = rows[i][0];
        agent->lines = rows[i][1];
        peer_registers(world, agent);
        world_run(world, 100);
        const struct telephone *kept = five_telephone("7001");
        cr_assert(agent->status == 200 && kept->registered, "%s", agent->said);
        cr_assert(!*kept->path && (*kept->contact != '\0') == (i == 1), "%s %s", kept->contact, kept->path);
    }
}

Test(sip_telephones, telephones_are_kept_over_a_restart, .init = five_begin, .fini = five_finish)
{
    char path[] = "/tmp/sip_kept.XXXXXX";
    struct exchange *exchange = &world->exchange;
    int file = mkstemp(path);
    cr_assert(file >= 0 && close(file) == 0);
    agent->contact = "7001@10.1.2.3:5060";
    agent->lines = "Path: <sip:127.0.0.3:5081;lr>\r\n";
    peer_registers(world, agent);
    expert->contact = "7002@10.1.2.4:5060";
    peer_registers(world, expert);
    world_run(world, 100);
    const struct telephone agents = *five_telephone("7001"), experts = *five_telephone("7002");
    cr_assert(*agents.path && *agents.contact && !*experts.path && *experts.contact);
    exchange->kept_path = path;
    exchange->keep_due = true;
    keep_write(exchange);
    for (unsigned i = 0; i < exchange->telephones.count; i++) {
        struct telephone *lost = &exchange->telephones.all[i];
        lost->registered = false;
        *lost->user = *lost->contact = *lost->path = '\0';
    }
    keep_read(exchange);
    exchange->kept_path = NULL;
    unlink(path);
    const struct telephone *kept = five_telephone("7001");
    cr_assert(kept->registered && strcmp(kept->contact, agents.contact) == 0 && strcmp(kept->path, agents.path) == 0 &&
                  sa_cmp(&kept->at, &agents.at, SA_ALL),
              "%s %s", kept->contact, kept->path);
    kept = five_telephone("7002");
    cr_assert(kept->registered && strcmp(kept->contact, experts.contact) == 0 && !*kept->path, "%s %s", kept->contact,
              kept->path);
}

/* The process may be killed at once. */
Test(sip_telephones, a_telephone_is_kept_before_its_registration_is_answered, .init = five_begin, .fini = five_finish)
{
    char path[] = "/tmp/sip_kept.XXXXXX";
    struct exchange *exchange = &world->exchange;
    int file = mkstemp(path);
    cr_assert(file >= 0 && close(file) == 0);
    exchange->kept_path = path;
    for (unsigned i = 0; i < 2; i++) {
        peer_registers(world, i == 0 ? agent : expert);
        for (unsigned ms = 0; ms < 100 && (i == 0 ? agent : expert)->status != 200; ms += 10) world_run(world, 10);
        struct telephone *lost = five_telephone(i == 0 ? "7001" : "7002");
        cr_assert(lost->registered);
        lost->registered = false;
        keep_read(exchange);
        cr_expect(lost->registered, "%u", i);
    }
    exchange->kept_path = NULL;
    unlink(path);
}

/* All sound would wait: it goes through the same loop. */
Test(sip_telephones, what_is_kept_of_telephones_does_not_wait_for_the_disk, .init = five_begin, .fini = five_finish)
{
    char *folder = g_dir_make_tmp("gcx-kept-XXXXXX", NULL), *path = g_strconcat(folder, "/sip.telephones", NULL);
    struct exchange *exchange = &world->exchange;
    exchange->kept_path = path;
    disk_power_on(folder);
    peer_registers(world, agent);
    world_run(world, 100);
    cr_expect_eq(access(path, F_OK), 0);
    disk_power_off(DISK_LOSES_ALL);
    cr_expect_neq(access(path, F_OK), 0, "it was synced");
    exchange->kept_path = NULL;
    unlink(path), rmdir(folder);
    g_free(folder), g_free(path);
}

/* The disk is full, or the folder was moved: what is known is written as soon as there is room, and said once. */
Test(sip_telephones, what_could_not_be_kept_is_kept_later, .init = five_begin, .fini = five_finish)
{
    char *folder = g_dir_make_tmp("gcx-kept-XXXXXX", NULL), *path = g_strconcat(folder, "/sip.telephones", NULL),
         *fresh = g_strconcat(path, ".new", NULL);
    struct exchange *exchange = &world->exchange;
    exchange->kept_path = path;
    for (unsigned round = 0; round < 2; round++) {
        cr_assert_eq(mkdir(fresh, 0700), 0); /* in the way: removed in vain before each try, and behind it */
        *world->logged = '\0';
        peer_registers(world, round == 0 ? agent : expert);
        world_run(world, 100);
        cr_assert(strstr(world->logged, "sip.telephones cannot be written: File exists: it is tried again each second"),
                  "%u: %s", round, world->logged);
        *world->logged = '\0';
        disk_faults.at = UINT_MAX, disk_faults.calls = 0; /* they are counted */
        world_run(world, 3000);
        cr_expect(disk_faults.calls >= 2 * 2 && disk_faults.calls <= 2 * 3, "a second apart: %u calls",
                  disk_faults.calls);
        cr_expect_str_eq(world->logged, "", "said again: %s", world->logged);
        if (round == 1) {
            unlink(path);
            world_run(world, 100);
            cr_expect(strstr(world->logged, "was removed or moved away"), "%s", world->logged);
            *world->logged = '\0', world->errors = 0;
            world_run(world, 400);
            cr_expect_str_eq(world->logged, "", "said again: %s", world->logged);
        }
        cr_assert_eq(rmdir(fresh), 0);
        *world->noticed = '\0';
        world_run(world, 1100);
        cr_expect_eq(access(path, F_OK), 0, "%u: nobody has registered since", round);
        cr_expect(strstr(world->noticed, "sip.telephones is written again"), "%u: %s", round, world->noticed);
        *world->noticed = '\0';
        disk_faults.calls = 0;
        world_run(world, 500);
        cr_expect_eq(disk_faults.calls, 0, "it is written, and that is that: %u calls", disk_faults.calls);
        peer_registers(world, round == 0 ? agent : expert);
        world_run(world, 100);
        cr_expect_neq(disk_faults.calls, 0);
        cr_expect_not(strstr(world->noticed, "written again"), "%u: %s", round, world->noticed);
    }
    exchange->kept_path = NULL;
    unlink(path), rmdir(folder);
    g_free(folder), g_free(path), g_free(fresh);
}

/* Writes the file anew, but its first `length` bytes, or with the byte at `changes` changed, and reads it. */
static void kept_is_read(struct exchange *exchange, const char *whole, size_t length, size_t changes)
{
    char *text = g_strndup(whole, length);
    if (changes < length) text[changes] ^= 1;
    cr_assert(g_file_set_contents(exchange->kept_path, text, (gssize)length, NULL));
    g_free(text);
    for (unsigned i = 0; i < 2; i++) five_telephone(i == 0 ? "7001" : "7002")->registered = false;
    *world->logged = '\0';
    world->errors = 0;
    keep_read(exchange);
}

Test(sip_telephones, a_kept_file_that_was_cut_changed_or_taken_away_is_told_and_written_anew, .init = five_begin,
     .fini = five_finish)
{
    char *folder = g_dir_make_tmp("gcx-kept-XXXXXX", NULL), *path = g_strconcat(folder, "/sip.telephones", NULL),
         *whole;
    struct exchange *exchange = &world->exchange;
    gsize length, again;
    exchange->kept_path = path;
    for (unsigned i = 0; i < 2; i++) peer_registers(world, i == 0 ? agent : expert);
    world_run(world, 100);
    cr_assert(g_file_get_contents(path, &whole, &length, NULL));
    kept_is_read(exchange, whole, length, length);
    cr_assert(five_telephone("7001")->registered && five_telephone("7002")->registered && world->errors == 0, "%s",
              world->logged);
    kept_is_read(exchange, whole, (size_t)(strstr(whole, "\t7002\t") - whole) + 9, length);
    cr_assert(world->errors == 1 && strstr(world->logged, "sip.telephones is damaged"), "%s", world->logged);
    cr_assert(five_telephone("7001")->registered && !five_telephone("7002")->registered, "what is whole counts");
    kept_is_read(exchange, whole, length, (size_t)(strstr(whole, "127.0.0.") - whole));
    cr_assert(world->errors == 1 && strstr(world->logged, "sip.telephones is damaged"), "%s", world->logged);
    cr_assert(!five_telephone("7001")->registered && five_telephone("7002")->registered,
              "it would be called elsewhere");
    kept_is_read(exchange, whole, 0, length);
    cr_assert(world->errors == 1 && strstr(world->logged, "sip.telephones is damaged"), "%s", world->logged);
    for (unsigned i = 0; i < 2; i++) five_telephone(i == 0 ? "7001" : "7002")->registered = true;
    keep_write(exchange);
    g_free(whole);
    cr_assert(g_file_get_contents(path, &whole, &again, NULL) && again == length, "it is written anew");
    cr_assert_eq(chmod(path, 0), 0);
    if (geteuid() != 0) {
        world->errors = 0;
        keep_read(exchange);
        cr_assert(world->errors == 1 && strstr(world->logged, "Permission denied"), "%s", world->logged);
    }
    world->errors = 0;
    unlink(path);
    world_run(world, 2000);
    cr_assert(world->errors == 1 && strstr(world->logged, "sip.telephones was removed"), "%s", world->logged);
    cr_assert_eq(access(path, F_OK), 0, "it is written anew while the process runs");
    exchange->kept_path = NULL;
    unlink(path);
    rmdir(folder);
    g_free(folder), g_free(path), g_free(whole);
}

static void begin_at_one_edge(void)
{
    five_begin_at(NULL, "127.0.0.2", "127.0.0.2", "127.0.0.4");
}

/* A proof is asked of the telephone alone: its number is no routing point, which a trunk's caller would need. */
Test(sip_telephones, a_telephone_dials_from_the_address_of_a_trunk, .init = begin_at_one_edge, .fini = five_finish)
{
    peer_calls(world, agent, "7002");
    world_run(world, 100);
    cr_assert_eq(expert->state, PEER_RINGS, "%s", agent->said);
    peer_answers(world, expert);
    world_run(world, 100);
    cr_assert_eq(agent->state, PEER_UP);
    peer_hangs_up(world, agent);
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    cr_assert(caller->state == PEER_CALLS && world->exchange.first, "%s", caller->said);
    peer_calls(world, agent, "7002");
    agent->guess = "wrong";
    world_run(world, 100);
    cr_assert_eq(agent->status, 403);
    peer_hangs_up(world, caller);
    world_run(world, 100);
    agent->state = PEER_IDLE;
}

/* What the edge brings from outside is a caller, though the Contact has the name of a telephone. The edge may write
 * another host into the Contact of an INVITE than into that of a REGISTER: a telephone is known by its own address. */
Test(sip_telephones, a_caller_at_an_edge_may_be_named_as_a_telephone, .init = begin_at_one_edge, .fini = five_finish)
{
    static const char *const contacts[] = {"7001@10.1.2.3:5060", "7001@198.51.100.9:5060", "7001@198.51.100.9:5060",
                                           "7001@198.51.100.9:5060", "7002@198.51.100.9:5060"};
    static const char *const names[] = {NULL, NULL, "sip:7001@127.0.0.1", "sip:7001@carrier.example",
                                        "sip:7001@127.0.0.1"};
    static const bool calls[] = {false, true, false, true, true};
    for (unsigned i = 0; i < 5; i++) {
        agent->contact = contacts[0];
        agent->from = NULL;
        peer_registers(world, agent);
        world_run(world, 100);
        agent->guess = "wrong";
        agent->contact = contacts[i];
        agent->from = names[i];
        peer_calls(world, agent, "1800");
        world_run(world, 100);
        cr_assert_eq(world->exchange.first != NULL, calls[i], "%u: %s", i, agent->said);
        cr_assert_eq(agent->status == 403, !calls[i], "%u: %s", i, agent->said);
        if (calls[i]) peer_hangs_up(world, agent);
        world_run(world, 100);
        agent->guess = NULL;
        agent->state = PEER_IDLE;
    }
}

Test(sip_telephones, a_telephone_that_answers_nothing_is_told_once, .init = five_begin, .fini = five_finish)
{
    agent->contact = "7001@10.1.2.3:5060";
    peer_registers(world, agent);
    world_run(world, 20000);
    agent->deaf = true;
    world_run(world, 40000);
    cr_assert(strstr(world->logged, "dn=7001: it answers nothing at 127.0.0.3:50"), "%s", world->logged);
    *world->logged = '\0';
    world_run(world, 50000);
    cr_assert(*world->logged == '\0' && five_telephone("7001")->alive.silent, "%s", world->logged);
    agent->deaf = false;
    peer_registers(world, agent);
    world_run(world, 30000);
    cr_assert_not(five_telephone("7001")->alive.silent);
}

Test(sip_telephones, what_a_telephone_sends_to_keep_its_way_open_is_no_fault, .init = five_begin, .fini = five_finish)
{
    peer_sends(agent, "\r\n\r\n");
    peer_sends(agent, "");
    world_run(world, 100);
    cr_assert_eq(world->refused, 0);
    peer_sends(agent, "\r\nWhat?\r\n");
    world_run(world, 100);
    cr_assert_eq(world->refused, 1);
}

/* --- A telephone that refused is left alone for a while, until it is heard --- */

static void refuses_before_it_rings(void)
{
    agent->refused = 503;
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_route(world, world->exchange.first, "7001");
    world_run(world, 100);
    cr_assert(agent->invited == 1 && five_telephone("7001")->refused);
    agent->refused = 0;
    world->devices = 0;
}

static void is_heard(void)
{
    cr_assert_not(five_telephone("7001")->refused);
    cr_assert_eq(world->devices, 1, "the core is told that calls may come");
}

Test(sip_telephones, a_registration_that_is_repeated_ends_the_rest, .init = five_begin, .fini = five_finish)
{
    refuses_before_it_rings();
    peer_registers(world, expert);
    world_run(world, 100);
    cr_assert_eq(world->devices, 0, "another one has registered");
    peer_registers(world, agent);
    world_run(world, 100);
    is_heard();
    peer_registers(world, agent);
    world_run(world, 100);
    is_heard();
}

Test(sip_telephones, a_telephone_that_dials_ends_its_rest, .init = five_begin, .fini = five_finish)
{
    refuses_before_it_rings();
    peer_calls(world, agent, "+4930");
    world_run(world, 100);
    is_heard();
}

/* --- Dialogs go to where a peer is, whatever address it tells --- */

Test(sip_telephones, within_a_call_a_telephone_is_reached_where_it_sends_from, .init = five_begin, .fini = five_finish)
{
    agent->contact = expert->contact = "7001@10.1.2.3:5060";
    five_dials(agent, "+4930", 70);
    peer_answers(world, outlet);
    world_run(world, 100);
    cr_assert_eq(agent->state, PEER_UP);
    peer_hangs_up(world, outlet);
    world_run(world, 100);
    cr_assert_eq(agent->state, PEER_IDLE, "it has called, and is told that the call is over");
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_route(world, world->exchange.first, "7002");
    world_run(world, 100);
    peer_answers(world, expert);
    world_run(world, 100);
    peer_hangs_up(world, caller);
    world_run(world, 100);
    cr_assert_eq(expert->state, PEER_IDLE, "it was called, and is told that the call is over");
}

/* --- IPv6 --- */

static void hear_each_other(const struct sip_peer *one, const struct sip_peer *other)
{
    cr_assert_eq(peer_hears(one, false), 1U << other->number);
    cr_assert_eq(peer_hears(other, false), 1U << one->number);
}

Test(sip_telephones, by_ipv6_a_call_comes_to_a_telephone_and_both_are_heard, .init = begin_by_ipv6, .fini = five_finish)
{
    agent->contact = "7001@[fd00::9]:5060";
    peer_registers(world, agent);
    world_run(world, 26000);
    cr_assert(agent->status == 200 && agent->asked == 1, "it is kept reachable");
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_route(world, world->exchange.first, "7001");
    world_run(world, 100);
    cr_assert_eq(agent->state, PEER_RINGS);
    cr_assert(strstr(agent->invite, "\r\nc=IN IP6 ::1\r\n"), "%s", agent->invite);
    cr_assert(strstr(agent->invite, "\r\nContact: <sip:gcx@[::1]:"), "%s", agent->invite);
    peer_answers(world, agent);
    world_run(world, 300);
    hear_each_other(caller, agent);
    peer_offers(world, agent, "sendonly");
    world_run(world, 300);
    cr_assert_neq(peer_hears(caller, false), 1U << agent->number);
    peer_hangs_up(world, caller);
    world_run(world, 300);
    cr_assert(agent->state == PEER_IDLE && !world->exchange.first);
}

Test(sip_telephones, by_ipv6_a_telephone_dials_outside, .init = begin_by_ipv6, .fini = five_finish)
{
    five_dials(agent, "+4930", 70);
    cr_assert(strncmp(outlet->invite, "INVITE sip:+4930@[fd00::4]:5084 ", 32) == 0, "%s", outlet->invite);
    peer_answers(world, outlet);
    world_run(world, 300);
    hear_each_other(agent, outlet);
    peer_hangs_up(world, outlet);
    world_run(world, 300);
    cr_assert(agent->state == PEER_IDLE && !world->exchange.first);
}

/* --- Telephones that move --- */

/* The same telephone, at another port: by the Call-ID of its REGISTER, its name, or its Contact; or another one. */
static const struct moved {
    const char *device, *contact;
    bool same;
} ways_to_move[] = {{"device", NULL, true},
                    {"new", NULL, false},
                    {NULL, "<sip:7001@10.1.2.3:5060>", true},
                    {NULL, "<sip:7001@10.1.2.3:5062>", false},
                    {NULL, "<sip:7001@10.1.2.3:5062>;+sip.instance=\"<urn:uuid:1>\"", true},
                    {NULL, "<sip:7001@10.1.2.3:5060>;+sip.instance=\"<urn:uuid:2>\"", false},
                    {"device", "<sip:7001@10.1.2.3:5062>;+sip.instance=\"<urn:uuid:2>\"", true}};

static struct sip_peer *mover;

static void registers_with(struct sip_peer *phone, const char *device, const char *contact)
{
    phone->device = device;
    phone->contact = contact;
    peer_registers(world, phone);
    world_run(world, 200);
    cr_assert_eq(phone->status, 200);
}

/* The caller talks with the telephone, or it rings there. */
static void begin_to_move(const struct moved *as, bool talks)
{
    const char *named = "<sip:7001@10.1.2.3:5060>;+sip.instance=\"<urn:uuid:1>\"";
    five_begin();
    mover = world_peer(world, "127.0.0.3", "");
    mover->user = "7001";
    registers_with(agent, "device", as->contact ? strstr(as->contact, "+sip") ? named : ways_to_move[2].contact : NULL);
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_route(world, world->exchange.first, "7001");
    world_run(world, 100);
    cr_assert_eq(agent->state, PEER_RINGS);
    if (!talks) return;
    peer_answers(world, agent);
    world_run(world, 100);
}

static void moves(const struct moved *as)
{
    agent->deaf = true;
    registers_with(mover, as->device, as->contact);
}

Test(sip_telephones, a_call_of_a_telephone_that_has_moved_ends_there)
{
    for (size_t i = 0; i < sizeof ways_to_move / sizeof *ways_to_move; i++) {
        begin_to_move(&ways_to_move[i], true);
        moves(&ways_to_move[i]);
        peer_hangs_up(world, caller);
        world_run(world, 1000);
        cr_expect_eq(mover->ended, ways_to_move[i].same ? 1 : 0, "%zu: %u", i, mover->ended);
        cr_expect_eq(agent->ended > 0, !ways_to_move[i].same,
                     "%zu: another device has registered, and this one has the call", i);
        world_run(world, 1000);
        cr_expect_eq(mover->ended, 1, "%zu: who does not answer may be there: %u", i, mover->ended);
        five_finish();
    }
}

Test(sip_telephones, a_call_that_ends_while_its_telephone_moves_ends_there)
{
    for (size_t i = 0; i < sizeof ways_to_move / sizeof *ways_to_move; i++) {
        begin_to_move(&ways_to_move[i], true);
        agent->deaf = true;
        peer_hangs_up(world, caller);
        world_run(world, 10000);
        moves(&ways_to_move[i]);
        cr_expect_eq(mover->ended, ways_to_move[i].same ? 1 : 0, "%zu: %u", i, mover->ended);
        world_run(world, 2000);
        cr_expect_eq(mover->ended, 1, "%zu: %u", i, mover->ended);
        five_finish();
    }
}

/* There is no way to the telephone, which may come back within half a minute. */
Test(sip_telephones, an_end_that_found_no_way_waits_for_half_a_minute)
{
    for (unsigned waited_ms = 10000; waited_ms <= 40000; waited_ms += 30000) {
        begin_to_move(&ways_to_move[0], true);
        agent->away = true;
        peer_hangs_up(world, caller);
        world_run(world, 200);
        cr_assert_eq(g_hash_table_size(world->exchange.ua.sessions), 1);
        world_run(world, waited_ms);
        registers_with(mover, "device", NULL);
        cr_assert_eq(mover->ended, waited_ms < 32000 ? 1 : 0, "%u ms", waited_ms);
        cr_assert_eq(g_hash_table_size(world->exchange.ua.sessions), 0);
        five_finish();
    }
}

/* Who is at another number there, or hears the end where the call is, is told nothing. */
Test(sip_telephones, a_call_that_is_heard_to_end_ends_nowhere_else)
{
    begin_to_move(&ways_to_move[1], true);
    moves(&ways_to_move[1]);
    agent->deaf = false;
    peer_hangs_up(world, caller);
    world_run(world, 40000);
    cr_assert(agent->ended == 1 && mover->ended == 0, "%u %u", agent->ended, mover->ended);
    five_finish();
    begin_to_move(&ways_to_move[0], true);
    mover->user = "7002";
    registers_with(mover, "device", NULL);
    peer_hangs_up(world, caller);
    world_run(world, 40000);
    cr_assert(agent->ended == 1 && mover->ended == 0, "%u %u", agent->ended, mover->ended);
    five_finish();
}

/* The telephone has spoken in its call since: that is where it is. */
Test(sip_telephones, a_telephone_that_speaks_in_its_call_is_there)
{
    begin_to_move(&ways_to_move[1], true);
    moves(&ways_to_move[1]);
    agent->deaf = false;
    peer_poses(mover, agent);
    peer_offers(world, mover, "sendrecv");
    world_run(world, 200);
    agent->deaf = true;
    peer_hangs_up(world, caller);
    world_run(world, 200);
    cr_assert(agent->ended == 0 && mover->ended == 1, "%u %u", agent->ended, mover->ended);
    five_finish();
}

Test(sip_telephones, a_telephone_that_moves_while_it_rings_is_told_that_it_is_over)
{
    begin_to_move(&ways_to_move[0], false);
    moves(&ways_to_move[0]);
    mover->notes = "CANCEL";
    peer_hangs_up(world, caller);
    world_run(world, 200);
    cr_assert_eq(mover->noted, 1);
    five_finish();
}

/* --- Registrations that end, and those that are guessed --- */

Test(sip_telephones, a_telephone_that_takes_its_registration_back_is_gone_at_once, .init = five_begin,
     .fini = five_finish)
{
    peer_registers(world, agent);
    world_run(world, 20);
    agent->lines = "Expires: 0\r\n";
    peer_registers(world, agent);
    world_run(world, 20);
    cr_assert_eq(agent->status, 200);
    cr_assert_not(five_telephone("7001")->registered);
}

Test(sip_telephones, ten_wrong_passwords_are_told_and_no_more_is_answered, .init = five_begin, .fini = five_finish)
{
    agent->guess = "password";
    for (unsigned i = 1; i <= GUESSES; i++) {
        cr_assert_eq(*world->logged, '\0', "%u: %s", i, world->logged);
        peer_registers(world, agent);
        world_run(world, 100);
        cr_assert_eq(agent->status, 403);
    }
    cr_assert(strstr(world->logged, "127.0.0.3 comes with wrong passwords for dn=7001;"), "%s", world->logged);
    agent->guess = NULL;
    peer_registers(world, agent);
    peer_registers(world, expert);
    world_run(world, 100);
    cr_assert_neq(agent->status, 200);
    cr_assert_eq(expert->status, 200, "others are behind the same router");
    struct sip_peer *moved = world_peer(world, "127.0.0.7", "7001");
    peer_registers(world, moved);
    world_run(world, 100);
    cr_assert_eq(moved->status, 200, "another address has guessed nothing");
    world_run(world, GUESS_MS);
    peer_registers(world, agent);
    world_run(world, 100);
    cr_assert_eq(agent->status, 200);
}
