/* tests/unit/sip_signal.c - What a whole exchange (sip_world.h) says by SIP: to telephones behind routers, of calls
 * that go out again, and who gets through when it is full. */
#include <criterion/criterion.h>
#include <errno.h>
#include <glib.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/adapters/sip/ua/proof.h"
#include "tests/unit/disk_faults.h"
#include "tests/unit/disk_power.h"
#include "tests/unit/sip_world.h"

TestSuite(sip_signal, .timeout = 60);

static struct sip_world *world;
static struct sip_peer *caller, *agent, *expert, *outlet;

static void begin_at(const char *const (*settings)[2], const char *trunk, const char *telephones, const char *beyond)
{
    world = world_new(settings);
    caller = world_peer(world, trunk, "");
    agent = world_peer(world, telephones, "7001");
    expert = world_peer(world, telephones, "7002");
    (void)world_peer(world, trunk, "");
    outlet = world_peer(world, beyond, "+4930"); /* its port is that of `outbound` */
}

static void begin_with(const char *const (*settings)[2])
{
    begin_at(settings, "127.0.0.2", "127.0.0.3", "127.0.0.4");
}

static void begin(void)
{
    begin_with(NULL);
}

static void begin_by_ipv6(void)
{
    static const char *const settings[][2] = {
        {"address", "[::1]:0"}, {"trunks", "fd00::2, fd00::4"}, {"outbound", "[fd00::4]:5084"}, {NULL, NULL}};
    begin_at(settings, "fd00::2", "fd00::3", "fd00::4");
}

static void finish(void)
{
    world_free(world);
}

static struct telephone *telephone(const char *dn)
{
    return telephones_find(&world->exchange.telephones, dn);
}

/* --- Telephones behind routers --- */

Test(sip_signal, a_telephone_behind_a_router_is_asked_before_that_forgets_it, .init = begin, .fini = finish)
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
    telephone_is(&world->exchange, telephone("7001"), false);
    world_run(world, 30000);
    cr_assert_eq(agent->asked, 3);
}

Test(sip_signal, a_proof_comes_within_a_minute, .init = begin, .fini = finish)
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

Test(sip_signal, a_registration_is_confirmed_for_so_long_as_it_lasts, .init = begin, .fini = finish)
{
    agent->contact = "7001@10.1.2.3:5060";
    peer_registers(world, agent);
    world_run(world, 100);
    cr_assert(strstr(agent->said, "\r\nContact: <sip:7001@10.1.2.3:5060>;expires=120\r\n"), "%s", agent->said);
    world_run(world, 118000);
    cr_assert(telephone("7001")->registered);
    world_run(world, 3000);
    cr_assert_not(telephone("7001")->registered);
    /* All of its registrations end by a star, which is good for nothing else. */
    peer_registers(world, agent);
    world_run(world, 100);
    agent->contact = "*";
    peer_registers(world, agent);
    world_run(world, 100);
    cr_assert(agent->status == 400 && telephone("7001")->registered, "%u", agent->status);
    agent->lines = "Expires: 0\r\n";
    peer_registers(world, agent);
    world_run(world, 100);
    cr_assert(agent->status == 200 && !telephone("7001")->registered, "%u", agent->status);
    agent->lines = "";
}

/* An edge is between: its address is that of the telephone here. A route that leads elsewhere is not taken. */
Test(sip_signal, a_telephone_behind_an_edge_is_called_by_its_path, .init = begin, .fini = finish)
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
Test(sip_signal, an_address_that_is_no_plain_text_is_not_kept, .init = begin, .fini = finish)
{
    static const char *const rows[][2] = {{"7001@10.1.2.3:5060;x=a|b", "Path: <sip:127.0.0.3:5081;lr>\r\n"},
                                          {"7001@10.1.2.3:5060", "Path: <sip:a|b@127.0.0.3:5081;lr>\r\n"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        agent->contact = rows[i][0];
        agent->lines = rows[i][1];
        peer_registers(world, agent);
        world_run(world, 100);
        const struct telephone *kept = telephone("7001");
        cr_assert(agent->status == 200 && kept->registered, "%s", agent->said);
        cr_assert(!*kept->path && (*kept->contact != '\0') == (i == 1), "%s %s", kept->contact, kept->path);
    }
}

Test(sip_signal, telephones_are_kept_over_a_restart, .init = begin, .fini = finish)
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
    const struct telephone agents = *telephone("7001"), experts = *telephone("7002");
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
    const struct telephone *kept = telephone("7001");
    cr_assert(kept->registered && strcmp(kept->contact, agents.contact) == 0 && strcmp(kept->path, agents.path) == 0 &&
                  sa_cmp(&kept->at, &agents.at, SA_ALL),
              "%s %s", kept->contact, kept->path);
    kept = telephone("7002");
    cr_assert(kept->registered && strcmp(kept->contact, experts.contact) == 0 && !*kept->path, "%s %s", kept->contact,
              kept->path);
}

/* The process may be killed at once. */
Test(sip_signal, a_telephone_is_kept_before_its_registration_is_answered, .init = begin, .fini = finish)
{
    char path[] = "/tmp/sip_kept.XXXXXX";
    struct exchange *exchange = &world->exchange;
    int file = mkstemp(path);
    cr_assert(file >= 0 && close(file) == 0);
    exchange->kept_path = path;
    for (unsigned i = 0; i < 2; i++) {
        peer_registers(world, i == 0 ? agent : expert);
        for (unsigned ms = 0; ms < 100 && (i == 0 ? agent : expert)->status != 200; ms += 10) world_run(world, 10);
        struct telephone *lost = telephone(i == 0 ? "7001" : "7002");
        cr_assert(lost->registered);
        lost->registered = false;
        keep_read(exchange);
        cr_expect(lost->registered, "%u", i);
    }
    exchange->kept_path = NULL;
    unlink(path);
}

/* All sound would wait: it goes through the same loop. */
Test(sip_signal, what_is_kept_of_telephones_does_not_wait_for_the_disk, .init = begin, .fini = finish)
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
Test(sip_signal, what_could_not_be_kept_is_kept_later, .init = begin, .fini = finish)
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
    for (unsigned i = 0; i < 2; i++) telephone(i == 0 ? "7001" : "7002")->registered = false;
    *world->logged = '\0';
    world->errors = 0;
    keep_read(exchange);
}

Test(sip_signal, a_kept_file_that_was_cut_changed_or_taken_away_is_told_and_written_anew, .init = begin, .fini = finish)
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
    cr_assert(telephone("7001")->registered && telephone("7002")->registered && world->errors == 0, "%s",
              world->logged);
    kept_is_read(exchange, whole, (size_t)(strstr(whole, "\t7002\t") - whole) + 9, length);
    cr_assert(world->errors == 1 && strstr(world->logged, "sip.telephones is damaged"), "%s", world->logged);
    cr_assert(telephone("7001")->registered && !telephone("7002")->registered, "what is whole counts");
    kept_is_read(exchange, whole, length, (size_t)(strstr(whole, "127.0.0.") - whole));
    cr_assert(world->errors == 1 && strstr(world->logged, "sip.telephones is damaged"), "%s", world->logged);
    cr_assert(!telephone("7001")->registered && telephone("7002")->registered, "it would be called elsewhere");
    kept_is_read(exchange, whole, 0, length);
    cr_assert(world->errors == 1 && strstr(world->logged, "sip.telephones is damaged"), "%s", world->logged);
    for (unsigned i = 0; i < 2; i++) telephone(i == 0 ? "7001" : "7002")->registered = true;
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
    begin_at(NULL, "127.0.0.2", "127.0.0.2", "127.0.0.4");
}

/* A proof is asked of the telephone alone: its number is no routing point, which a trunk's caller would need. */
Test(sip_signal, a_telephone_dials_from_the_address_of_a_trunk, .init = begin_at_one_edge, .fini = finish)
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
Test(sip_signal, a_caller_at_an_edge_may_be_named_as_a_telephone, .init = begin_at_one_edge, .fini = finish)
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

Test(sip_signal, a_telephone_that_answers_nothing_is_told_once, .init = begin, .fini = finish)
{
    agent->contact = "7001@10.1.2.3:5060";
    peer_registers(world, agent);
    world_run(world, 20000);
    agent->deaf = true;
    world_run(world, 40000);
    cr_assert(strstr(world->logged, "dn=7001: it answers nothing at 127.0.0.3:50"), "%s", world->logged);
    *world->logged = '\0';
    world_run(world, 50000);
    cr_assert(*world->logged == '\0' && telephone("7001")->alive.silent, "%s", world->logged);
    agent->deaf = false;
    peer_registers(world, agent);
    world_run(world, 30000);
    cr_assert_not(telephone("7001")->alive.silent);
}

Test(sip_signal, what_a_telephone_sends_to_keep_its_way_open_is_no_fault, .init = begin, .fini = finish)
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
    cr_assert(agent->invited == 1 && telephone("7001")->refused);
    agent->refused = 0;
    world->devices = 0;
}

static void is_heard(void)
{
    cr_assert_not(telephone("7001")->refused);
    cr_assert_eq(world->devices, 1, "the core is told that calls may come");
}

Test(sip_signal, a_registration_that_is_repeated_ends_the_rest, .init = begin, .fini = finish)
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

Test(sip_signal, a_telephone_that_dials_ends_its_rest, .init = begin, .fini = finish)
{
    refuses_before_it_rings();
    peer_calls(world, agent, "+4930");
    world_run(world, 100);
    is_heard();
}

/* --- Calls that go out again --- */

static unsigned counted(const char *text, const char *word)
{
    unsigned count = 0;
    for (const char *at = text; (at = strstr(at, word)); at++) count++;
    return count;
}

static void goes_out_with(const struct sip_peer *peer, unsigned hops, bool history)
{
    char line[64];
    snprintf(line, sizeof line, "\r\nMax-Forwards: %u\r\n", hops);
    cr_assert_eq(peer->state, PEER_RINGS);
    cr_assert(strstr(peer->invite, line) && counted(peer->invite, "Max-Forwards:") == 1, "not %u: %s", hops,
              peer->invite);
    cr_assert_eq(counted(peer->invite, "\r\nHistory-Info: "), history ? 2 : 0, "%s", peer->invite);
    cr_assert(!history || strstr(peer->invite, ";index=1.4.1;mp=1.4\r\n"), "%s", peer->invite);
}

/* A call that has come far, and the agent who has it. */
static const struct talk *comes_far(unsigned hops)
{
    caller->hops = hops;
    strcpy(caller->headers, "History-Info: <sip:+331@there>;index=1.4\r\n");
    peer_calls(world, caller, "1800");
    world_run(world, 20);
    world_route(world, world->exchange.first, "7001");
    world_run(world, 20);
    goes_out_with(agent, hops - 1, false);
    peer_answers(world, agent);
    world_run(world, 100);
    return world->exchange.first;
}

Test(sip_signal, a_consultation_carries_on_what_its_call_has_brought, .init = begin, .fini = finish)
{
    const struct talk *talk = comes_far(5);
    world_party(world, talk, "7001", ASK_CONSULT, "7002");
    world_run(world, 20);
    goes_out_with(expert, 4, false);
    peer_refuses(world, expert, 486);
    peer_hangs_up(world, caller);
    world_run(world, 100);
    talk = comes_far(12);
    world_party(world, talk, "7001", ASK_CONSULT, "+4930");
    world_run(world, 20);
    goes_out_with(outlet, 11, true);
}

/* `as`: the agent's telephone once more, for the call that it dials beside the first. */
static void dials(struct sip_peer *as, const char *number, unsigned hops)
{
    as->hops = hops;
    peer_calls(world, as, number);
    world_run(world, 100);
}

Test(sip_signal, a_call_that_a_telephone_dials_beside_has_the_fewest_hops, .init = begin, .fini = finish)
{
    struct sip_peer *beside = world_peer(world, "127.0.0.3", "7001");
    sa_set_port(&telephone("7001")->at, agent->sip);
    (void)comes_far(12);
    sa_set_port(&telephone("7001")->at, beside->sip);
    dials(beside, "+4930", 70);
    goes_out_with(outlet, 11, true);
    peer_refuses(world, outlet, 486);
    world_run(world, 100);
    peer_hangs_up(world, beside);
    world_run(world, 100);
    dials(beside, "+4930", 3);
    goes_out_with(outlet, 2, true);
}

Test(sip_signal, a_call_that_a_telephone_dials_has_the_hops_that_it_says, .init = begin, .fini = finish)
{
    dials(agent, "+4930", 9);
    goes_out_with(outlet, 8, false);
}

/* --- Emergencies, while all lines are taken --- */

static void begin_with_emergencies(void)
{
    static char address[32];
    static const char *settings[][2] = {{"address", address},
                                        {"emergency", "112=110, urn:service:sos=110, 113=1801"},
                                        {"rtp_ports", "30000-30011"},
                                        {"calls", "2"},
                                        {NULL, NULL}};
    snprintf(address, sizeof address, "127.%u.%u.78:0", (unsigned)getpid() >> 8 & 255, (unsigned)getpid() & 255);
    begin_with(settings);
}

/* Two wait, and the third one is refused. */
static void all_lines_are_taken(void)
{
    struct sip_peer *others[2] = {world_peer(world, "127.0.0.2", ""), world_peer(world, "127.0.0.2", "")};
    peer_calls(world, caller, "1800");
    peer_calls(world, others[0], "1800");
    world_run(world, 100);
    cr_assert_eq(world->refused, 0, "%s", world->reason);
    peer_calls(world, others[1], "1800");
    world_run(world, 100);
    cr_assert(others[1]->status == 503 && strcmp(world->reason, "calls") == 0, "%u %s", others[1]->status,
              world->reason);
    dials(agent, "+4930", 70);
    cr_assert(agent->status == 503 && outlet->invited == 0, "whoever has no emergency waits, too: %u", agent->status);
}

static void help_rings(void)
{
    cr_assert(outlet->state == PEER_RINGS && strncmp(outlet->invite, "INVITE sip:110@", 15) == 0, "%u %s %s",
              agent->status, world->reason, outlet->invite);
}

/* What the core is told of who calls that number with these headers. */
static const char *number_told(const char *number, const char *headers)
{
    snprintf(caller->headers, sizeof caller->headers, "%s", headers);
    peer_calls(world, caller, number);
    world_run(world, 200);
    const struct call *call = talk_call(world_talk(world, NULL));
    cr_assert_not_null(call, "%s", headers);
    static char ani[ADDRESS_SIZE];
    snprintf(ani, sizeof ani, "%s", call->ani);
    peer_hangs_up(world, caller);
    world_run(world, 2000);
    return ani;
}

#define ASSERTED "P-Asserted-Identity: <sip:+33612345678@there>\r\n"
#define PARTY    "Remote-Party-ID: \"A\" <sip:+33612345678@there>;"
Test(sip_signal, a_number_that_is_withheld_is_told_to_emergencies_alone, .init = begin_with_emergencies, .fini = finish)
{
    cr_expect_str_eq(number_told("1800", ASSERTED), "+33612345678");
    cr_expect_str_eq(number_told("1800", ASSERTED "Privacy: none\r\n"), "+33612345678");
    cr_expect_str_eq(number_told("1800", ASSERTED "Privacy: id\r\n"), "");
    cr_expect_str_eq(number_told("1800", ASSERTED "Privacy: critical; User\r\n"), "");
    cr_expect_str_eq(number_told("1800", "P-Asserted-Identity: <sip:Anonymous@anonymous.invalid>\r\n"), "");
    cr_expect_str_eq(number_told("1800", "P-Asserted-Identity: <sip:unavailable@unknown.invalid>\r\n"), "");
    cr_expect_str_eq(number_told("1801", ASSERTED "Privacy: id\r\n"), "+33612345678");
    cr_expect_str_eq(number_told("1800", ASSERTED PARTY "party=calling;privacy=Full;screen=yes\r\n"), "");
    cr_expect_str_eq(number_told("1800", ASSERTED PARTY "privacy=\"name, uri-network\"\r\n"), "");
    cr_expect_str_eq(number_told("1800", ASSERTED PARTY "party=called;privacy=full\r\n"), "+33612345678");
    cr_expect_str_eq(number_told("1800", ASSERTED PARTY "privacy=off\r\n"), "+33612345678");
    cr_expect_str_eq(number_told("1801", ASSERTED PARTY "privacy=full\r\n"), "+33612345678");
}

Test(sip_signal, a_number_may_stand_in_a_tel_uri, .init = begin_with_emergencies, .fini = finish)
{
    cr_expect_str_eq(number_told("1800", "P-Asserted-Identity: <tel:+33-6.12(34)5678;phone-context=there>\r\n"),
                     "+33612345678");
    static const char *const read[][2] = {{"<sip:+49-11.11(2)@there;user=phone>", "+4911112"},
                                          {"<sip:+49%31111@there>", ""},
                                          {"<sip:%2b49-1@there;user=phone>", "+491"},
                                          {"<sip:agent-1@there;user=phone>", "agent-1"},
                                          {"<sip:+49-1@there>", "+49-1"},
                                          {"<sip:49%00@there>", ""},
                                          {"<sip:49%3@there>", ""},
                                          {"<sip:49% 31@there>", ""},
                                          {"<sip:%2349@there>", "#49"}};
    for (size_t i = 0; i < sizeof read / sizeof *read; i++) {
        char header[ADDRESS_SIZE];
        caller->from = "sip:@there";
        snprintf(header, sizeof header, "P-Asserted-Identity: %s\r\n", read[i][0]);
        cr_expect_str_eq(number_told("1800", header), read[i][1], "%s", read[i][0]);
    }
    caller->from = "tel:+49-30-4711";
    cr_expect_str_eq(number_told("1800", ""), "+49304711");
}

Test(sip_signal, an_emergency_that_a_telephone_dials_has_a_line_whoever_waits, .init = begin_with_emergencies,
     .fini = finish)
{
    static const char *const numbers[] = {"112", "urn:service:sos", "urn:service:sos.police"};
    all_lines_are_taken();
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        dials(agent, numbers[i], 70);
        help_rings();
        peer_answers(world, outlet);
        world_run(world, 300);
        cr_assert_eq(peer_hears(agent, false), 1U << outlet->number, "%s", numbers[i]);
        peer_hangs_up(world, agent);
        world_run(world, 300);
        *outlet->invite = '\0';
    }
    dials(agent, "113", 70);
    cr_assert_str_eq(world_talk(world, NULL)->point, "1801");
    peer_hangs_up(world, agent);
    world_run(world, 300);
    caller->state = PEER_IDLE;
    peer_calls(world, caller, "113"); /* a trunk's, too */
    world_run(world, 100);
    cr_assert_str_eq(world_talk(world, NULL)->point, "1801");
}

Test(sip_signal, an_emergency_that_a_trunk_brings_goes_outside_whoever_waits, .init = begin_with_emergencies,
     .fini = finish)
{
    static const char *const numbers[] = {"112", "tel:112", "urn:service:sos", "urn:service:sos.police"};
    struct sip_peer *door = world_peer(world, "127.0.0.2", "");
    all_lines_are_taken();
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        peer_calls(world, door, numbers[i]);
        world_run(world, 100);
        help_rings();
        const struct call *call = talk_call(world_talk(world, NULL));
        cr_assert(call && strcmp(call->dnis, "110") == 0 && call->type == call_type_inbound, "%s", numbers[i]);
        peer_answers(world, outlet);
        world_run(world, 300);
        cr_assert_eq(peer_hears(door, false), 1U << outlet->number, "%s", numbers[i]);
        cr_assert_eq(peer_hears(outlet, false), 1U << door->number, "%s", numbers[i]);
        peer_hangs_up(world, i % 2 == 0 ? outlet : door);
        world_run(world, 300);
        cr_assert(door->state == PEER_IDLE && outlet->state == PEER_IDLE, "%s", numbers[i]);
        *outlet->invite = '\0';
    }
    outlet->refused = 486;
    peer_calls(world, door, "112");
    world_run(world, 100);
    cr_assert(door->status == 486 && strcmp(world->reason, "led_busy") == 0, "%u %s", door->status, world->reason);
}

static bool is_known_at(const char *ip, uint16_t port)
{
    struct sa at;
    return sa_set_str(&at, ip, port) == 0 && world->exchange.ua.ops->known(&world->exchange, &at);
}

static bool is_known(const struct sip_peer *peer)
{
    return is_known_at(peer->ip, peer->sip);
}

Test(sip_signal, a_telephone_whose_registration_has_ended_calls_for_help, .init = begin_with_emergencies,
     .fini = finish)
{
    peer_registers(world, agent);
    world_run(world, 100);
    telephone_is(&world->exchange, telephone("7001"), false);
    dials(agent, "+4930", 70);
    cr_assert(agent->status == 403 && strcmp(world->reason, "stranger_call") == 0, "%u %s", agent->status,
              world->reason);
    agent->state = PEER_IDLE;
    agent->guess = "wrong";
    dials(agent, "112", 70);
    cr_assert(agent->status == 403 && strcmp(world->reason, "password") == 0, "%u %s", agent->status, world->reason);
    cr_assert_null(world->exchange.first);
    agent->guess = NULL;
    agent->state = PEER_IDLE;
    for (unsigned i = 0; i < 2; i++) {
        dials(agent, i == 0 ? "112" : "urn:service:sos", 70);
        help_rings();
        peer_answers(world, outlet);
        world_run(world, 300);
        cr_assert_eq(peer_hears(agent, false), 1U << outlet->number);
        cr_assert_eq(peer_hears(outlet, false), 1U << agent->number);
        cr_assert(is_known(agent), "a connection that its call needs stays");
        cr_assert_not(is_known_at(agent->ip, 9), "nobody else is in the call");
        peer_hangs_up(world, i == 0 ? agent : outlet);
        world_run(world, 300);
        cr_assert(agent->state == PEER_IDLE && outlet->state == PEER_IDLE);
        cr_assert_not(is_known(agent), "it is a stranger again");
        *outlet->invite = '\0';
    }
    exchange_ops.make_call(&world->exchange, 0, "7001", "112");
    world_run(world, 100);
    cr_assert_null(world->exchange.first, "a desktop has no telephone that could ring");
}

Test(sip_signal, an_emergency_that_a_desktop_dials_has_a_line_whoever_waits, .init = begin_with_emergencies,
     .fini = finish)
{
    all_lines_are_taken();
    exchange_ops.make_call(&world->exchange, 0, "7001", "+4930");
    world_run(world, 100);
    cr_assert_eq(agent->state, PEER_IDLE);
    exchange_ops.make_call(&world->exchange, 0, "7001", "112");
    world_run(world, 100);
    cr_assert_eq(agent->state, PEER_RINGS);
    peer_answers(world, agent);
    world_run(world, 100);
    help_rings();
}

/* A number that came as data may be one of an emergency service, whatever `dialable` says of it. */
Test(sip_signal, a_call_back_reaches_no_emergency, .init = begin_with_emergencies, .fini = finish)
{
    for (unsigned back = 0; back < 2; back++) {
        struct dial_ask dial = {
            .origin = "1800", .number = "110", .caller_id = "", .correlator = "", .ring_us = 10000000, .back = back};
        exchange_ops.dial(&world->exchange, 0, &dial);
        world_run(world, 100);
        cr_assert_eq(outlet->state, PEER_IDLE);
        dial.number = "+4930";
        exchange_ops.dial(&world->exchange, 0, &dial);
        world_run(world, 100);
        cr_assert_eq(outlet->state, PEER_RINGS);
        peer_hangs_up(world, outlet);
        world_run(world, 100);
    }
}

/* The agent has one of the calls that wait. */
static const struct talk *talks_while_all_are_taken(void)
{
    const struct talk *talk;
    all_lines_are_taken();
    talk = world_talk(world, NULL);
    while (talk->next) talk = talk->next;
    world_route(world, talk, "7001");
    world_run(world, 100);
    peer_answers(world, agent);
    world_run(world, 100);
    return talk;
}

Test(sip_signal, an_agent_asks_for_help_in_a_consultation, .init = begin_with_emergencies, .fini = finish)
{
    const struct talk *talk = talks_while_all_are_taken();
    world_party(world, talk, "7001", ASK_CONSULT, "+4930");
    world_run(world, 100);
    cr_assert_null(talk->consult);
    world_party(world, talk, "7001", ASK_CONSULT, "112");
    world_run(world, 100);
    help_rings();
}

Test(sip_signal, an_agent_hands_a_call_on_to_help, .init = begin_with_emergencies, .fini = finish)
{
    world_party(world, talks_while_all_are_taken(), "7001", ASK_TRANSFER, "112");
    world_run(world, 100);
    help_rings();
}

/* Does a call find its point while each message has waited for so long? It ends at once. */
static bool late_call_is_taken(const char *number, unsigned ms)
{
    world_late(ms);
    peer_calls(world, caller, number);
    world_run(world, 100);
    bool taken = world->exchange.first != NULL;
    if (taken)
        peer_hangs_up(world, caller);
    else
        cr_assert(caller->status == 503 && strcmp(world->reason, "behind") == 0 &&
                      strstr(caller->said, "\r\nRetry-After: 1\r\n"),
                  "%s %s", world->reason, caller->said);
    world_run(world, 500);
    cr_assert_null(world->exchange.first);
    return taken;
}

Test(sip_signal, calls_are_refused_once_messages_have_been_late_for_a_second, .init = begin_with_emergencies,
     .fini = finish)
{
    cr_assert(late_call_is_taken("1800", 5000), "the machine may have paused for a moment");
    cr_assert(late_call_is_taken("1800", 200));
    cr_assert_not(late_call_is_taken("1800", 200));
    cr_assert(late_call_is_taken("113", 200), "an emergency has a line");
    cr_assert(late_call_is_taken("1800", 199), "what has not waited is no sign");
    cr_assert_not(late_call_is_taken("1800", 200));
    world_late(0);
    world_run(world, 3000);
    cr_assert_not(late_call_is_taken("1800", 300), "the next pause comes soon");
    world_late(0);
    world_run(world, 5000);
    cr_assert(late_call_is_taken("1800", 300), "the next pause");
}

Test(sip_signal, of_the_ports_of_sound_two_are_left_for_emergencies, .init = begin_with_emergencies, .fini = finish)
{
    const struct talk *talk = talks_while_all_are_taken();
    world->exchange.setting.calls = 10;
    world_party(world, talk, "7001", ASK_CONSULT, "+4930"); /* by the third last one: the other call's agent has one */
    world_run(world, 100);
    cr_assert_null(talk->consult);
    cr_assert_eq(outlet->invited, 0);
    world_party(world, talk, "7001", ASK_CONSULT, "112");
    world_run(world, 100);
    help_rings();
}

/* What a telephone does when its agent needs help. */
enum needs { NEEDS_RINGS, NEEDS_TALKS, NEEDS_CONSULTS, NEEDS_IS_CONSULTED };

/* The one at 7001 does it; `beside` is the same telephone once more. */
static struct sip_peer *needs_help(enum needs does)
{
    static char address[32];
    static const char *settings[][2] = {
        {"address", address}, {"emergency", "112=110, urn:service:sos=110"}, {NULL, NULL}};
    snprintf(address, sizeof address, "127.%u.%u.78:0", (unsigned)getpid() >> 8 & 255, (unsigned)getpid() & 255);
    begin_with(settings);
    const char *first = does == NEEDS_IS_CONSULTED ? "7002" : "7001",
               *other = does == NEEDS_IS_CONSULTED ? "7001" : "7002";
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    const struct talk *talk = world_talk(world, NULL);
    world_route(world, talk, first);
    world_run(world, 100);
    if (does != NEEDS_RINGS) peer_answers(world, does == NEEDS_IS_CONSULTED ? expert : agent);
    world_run(world, 100);
    if (does >= NEEDS_CONSULTS) {
        world_party(world, talk, first, ASK_CONSULT, other);
        world_run(world, 100);
        peer_answers(world, does == NEEDS_IS_CONSULTED ? agent : expert);
        world_run(world, 100);
    }
    return world_peer(world, "127.0.0.3", "7001");
}

Test(sip_signal, an_emergency_is_served_whatever_its_telephone_does)
{
    static const char *const numbers[] = {"112", "urn:service:sos", "tel:112", "tel:1-12"};
    for (enum needs does = NEEDS_RINGS; does <= NEEDS_IS_CONSULTED; does++) {
        struct sip_peer *beside = needs_help(does);
        dials(beside, numbers[does], 70);
        cr_expect(outlet->state == PEER_RINGS && strncmp(outlet->invite, "INVITE sip:110@", 15) == 0, "%d: %u %s", does,
                  beside->status, world->reason);
        peer_answers(world, outlet);
        world_run(world, 300);
        cr_expect_eq(peer_hears(beside, false), 1U << outlet->number, "%d", does);
        cr_expect_eq(caller->state == PEER_UP, does != NEEDS_RINGS, "the caller is not cut: %d", does);
        cr_expect_eq(world->exchange.talk_count, 2, "%d: %u", does, world->exchange.talk_count);
        peer_hangs_up(world, beside);
        world_run(world, 300);
        cr_expect_eq(world->exchange.talk_count, 1, "%d: %u", does, world->exchange.talk_count);
        finish();
    }
}

Test(sip_signal, an_emergency_of_a_desktop_takes_the_place_of_a_consultation)
{
    for (enum needs does = NEEDS_TALKS; does <= NEEDS_CONSULTS; does++) {
        needs_help(does);
        *world->told = '\0';
        exchange_ops.make_call(&world->exchange, 0, "7001", "112");
        world_run(world, 100);
        cr_expect_eq(agent->invited, 1, "it is no second call at the telephone");
        cr_expect_eq(expert->state, PEER_IDLE);
        help_rings();
        peer_answers(world, outlet);
        world_run(world, 300);
        cr_expect_eq(peer_hears(agent, false), 1U << outlet->number, "%d", does);
        world_party(world, world_talk(world, world_talk(world, NULL)), "7001", ASK_RECONNECT, NULL);
        world_run(world, 300);
        cr_expect(peer_hears(agent, false) == 1U << caller->number && outlet->state == PEER_IDLE, "%d", does);
        finish();
    }
}

/* `as`: NULL: the desktop asks. */
static void asks_help(struct sip_peer *as)
{
    if (as) {
        sa_set_port(&telephone("7001")->at, as->sip);
        dials(as, "112", 70);
    } else
        exchange_ops.make_call(&world->exchange, 0, "7001", "112");
    world_run(world, 100);
}

Test(sip_signal, a_second_emergency_does_not_end_the_first)
{
    static const struct {
        bool dials, dials_again; /* at the telephone; else by the desktop */
    } cases[] = {{false, false}, {false, true}, {true, false}, {true, true}};
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sip_peer *beside = needs_help(NEEDS_TALKS), *again = world_peer(world, "127.0.0.3", "7001");
        const struct sip_peer *first = cases[i].dials ? beside : agent;
        asks_help(cases[i].dials ? beside : NULL);
        help_rings();
        peer_answers(world, outlet);
        world_run(world, 300);
        asks_help(cases[i].dials_again ? again : NULL);
        cr_expect(outlet->state == PEER_UP && outlet->invited == 1, "%u: %d", i, outlet->state);
        cr_expect_eq(peer_hears(first, false), 1U << outlet->number, "%u", i);
        cr_expect_eq(agent->invited, 1, "%u: it is no further call at the telephone", i);
        if (cases[i].dials_again) cr_expect_eq(again->status, 486, "%u: %u", i, again->status);
        finish();
    }
}

Test(sip_signal, an_emergency_that_cannot_be_dialled_ends_nothing)
{
    for (enum needs does = NEEDS_CONSULTS; does <= NEEDS_IS_CONSULTED; does++) {
        struct sip_peer *beside = needs_help(does);
        world->exchange.setting.outlet_count = 0;
        asks_help(NULL);
        asks_help(beside);
        cr_expect_eq(beside->status, 404, "%d: %u", does, beside->status);
        cr_expect(agent->state == PEER_UP && expert->state == PEER_UP, "%d", does);
        cr_expect_eq(peer_hears(agent, false), 1U << expert->number, "%d", does);
        finish();
    }
}

/* Nor does one that is refused by what it describes. */
Test(sip_signal, an_emergency_without_a_codec_ends_nothing)
{
    for (enum needs does = NEEDS_CONSULTS; does <= NEEDS_IS_CONSULTED; does++) {
        struct sip_peer *beside = needs_help(does);
        beside->protocol = "RTP/NONE";
        asks_help(beside);
        cr_expect_eq(beside->status, 488, "%d: %u", does, beside->status);
        cr_expect(agent->state == PEER_UP && expert->state == PEER_UP, "%d", does);
        cr_expect_eq(peer_hears(agent, false), 1U << expert->number, "%d", does);
        finish();
    }
}

Test(sip_signal, an_emergency_of_whoever_listens_ends_no_consultation)
{
    needs_help(NEEDS_TALKS);
    const struct talk *talk = world->exchange.first;
    world_party(world, talk, "7002", ASK_LISTEN, "7001");
    world_run(world, 100);
    peer_answers(world, expert);
    world_run(world, 100);
    world_party(world, talk, "7001", ASK_CONSULT, "1801");
    world_run(world, 100);
    cr_assert(expert->state == PEER_UP && talk->consult);
    exchange_ops.make_call(&world->exchange, 0, "7002", "112");
    world_run(world, 100);
    cr_assert(expert->invited == 2 && talk->consult, "%u", expert->invited);
    finish();
}

/* --- Dialogs go to where a peer is, whatever address it tells --- */

Test(sip_signal, within_a_call_a_telephone_is_reached_where_it_sends_from, .init = begin, .fini = finish)
{
    agent->contact = expert->contact = "7001@10.1.2.3:5060";
    dials(agent, "+4930", 70);
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

Test(sip_signal, by_ipv6_a_call_comes_to_a_telephone_and_both_are_heard, .init = begin_by_ipv6, .fini = finish)
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

Test(sip_signal, by_ipv6_a_telephone_dials_outside, .init = begin_by_ipv6, .fini = finish)
{
    dials(agent, "+4930", 70);
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
    begin();
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

Test(sip_signal, a_call_of_a_telephone_that_has_moved_ends_there)
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
        finish();
    }
}

Test(sip_signal, a_call_that_ends_while_its_telephone_moves_ends_there)
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
        finish();
    }
}

/* There is no way to the telephone, which may come back within half a minute. */
Test(sip_signal, an_end_that_found_no_way_waits_for_half_a_minute)
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
        finish();
    }
}

/* Who is at another number there, or hears the end where the call is, is told nothing. */
Test(sip_signal, a_call_that_is_heard_to_end_ends_nowhere_else)
{
    begin_to_move(&ways_to_move[1], true);
    moves(&ways_to_move[1]);
    agent->deaf = false;
    peer_hangs_up(world, caller);
    world_run(world, 40000);
    cr_assert(agent->ended == 1 && mover->ended == 0, "%u %u", agent->ended, mover->ended);
    finish();
    begin_to_move(&ways_to_move[0], true);
    mover->user = "7002";
    registers_with(mover, "device", NULL);
    peer_hangs_up(world, caller);
    world_run(world, 40000);
    cr_assert(agent->ended == 1 && mover->ended == 0, "%u %u", agent->ended, mover->ended);
    finish();
}

/* The telephone has spoken in its call since: that is where it is. */
Test(sip_signal, a_telephone_that_speaks_in_its_call_is_there)
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
    finish();
}

Test(sip_signal, a_telephone_that_moves_while_it_rings_is_told_that_it_is_over)
{
    begin_to_move(&ways_to_move[0], false);
    moves(&ways_to_move[0]);
    mover->notes = "CANCEL";
    peer_hangs_up(world, caller);
    world_run(world, 200);
    cr_assert_eq(mover->noted, 1);
    finish();
}

/* --- Who may say it --- */

static struct sip_peer *poser;

/* The caller talks with the agent; the poser, at another address, hangs up as one of them. */
static void hangs_up_as(const struct sip_peer *one, const char *ip, const char *user)
{
    poser = world_peer(world, ip, user);
    telephone("7001")->at = telephone("7002")->at;
    sa_set_port(&telephone("7001")->at, agent->sip);
    sa_set_port(&telephone("7002")->at, expert->sip);
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_route(world, world->exchange.first, "7001");
    world_run(world, 100);
    peer_answers(world, agent);
    world_run(world, 100);
    peer_poses(poser, one);
    peer_hangs_up(world, poser);
    world_run(world, 100);
}

Test(sip_signal, a_telephone_that_has_moved_proves_itself_within_its_call, .init = begin, .fini = finish)
{
    hangs_up_as(agent, "127.0.0.6", "7001");
    cr_assert_eq(poser->status, 200);
    cr_assert_eq(caller->state, PEER_IDLE);
}

Test(sip_signal, a_telephone_ends_no_call_of_another_one, .init = begin, .fini = finish)
{
    hangs_up_as(agent, "127.0.0.6", "7002");
    cr_assert_eq(poser->status, 403);
    cr_assert_eq(caller->state, PEER_UP);
}

Test(sip_signal, a_stranger_ends_no_call_of_a_trunk, .init = begin, .fini = finish)
{
    hangs_up_as(caller, "127.0.0.6", "");
    cr_assert_eq(poser->status, 403);
    cr_assert(agent->state == PEER_UP && world->exchange.first);
}

Test(sip_signal, a_trunk_has_several_addresses, .init = begin, .fini = finish)
{
    hangs_up_as(caller, "127.0.0.4", "");
    cr_assert(poser->status == 200 && agent->state == PEER_IDLE);
}

Test(sip_signal, a_stranger_takes_no_call_back, .init = begin, .fini = finish)
{
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    poser = world_peer(world, "127.0.0.6", "");
    peer_poses(poser, caller);
    peer_hangs_up(world, poser);
    world_run(world, 100);
    cr_assert(world->exchange.first && caller->state == PEER_CALLS);
    cr_assert_eq(poser->status, 403);
    strcpy(poser->call_id, "another");
    poser->state = PEER_CALLS;
    poser->status = 0;
    peer_hangs_up(world, poser);
    world_run(world, 100);
    cr_assert_eq(poser->status, 403, "a stranger does not learn by %u which calls are there", poser->status);
    peer_hangs_up(world, caller);
    world_run(world, 100);
    cr_assert_null(world->exchange.first);
}

Test(sip_signal, a_session_that_is_to_be_refreshed_too_often_is_refused, .init = begin, .fini = finish)
{
    static const char *const seconds[] = {"0", "1", "89", "0;refresher=uac"};
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++) {
        snprintf(caller->headers, sizeof caller->headers, "Supported: timer\r\nSession-Expires: %s\r\n", seconds[i]);
        peer_calls(world, caller, "1800");
        world_run(world, 100);
        cr_assert(caller->status == 422 && strstr(caller->said, "Min-SE: 90\r\n"), "%s: %s", seconds[i], caller->said);
        caller->state = PEER_IDLE;
    }
    strcpy(caller->headers, "Supported: timer\r\nSession-Expires: often\r\n");
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    cr_assert(world->exchange.first, "a header that cannot be read asks for nothing");
}

/* The caller, who talks with an agent, asks for that timer; what it is answered. */
static const char *caller_wants(enum peer_refresh how, const char *timer)
{
    snprintf(caller->headers, sizeof caller->headers, "%s", timer);
    caller->status = 0;
    peer_refreshes(world, caller, how);
    world_run(world, 100);
    return caller->said;
}

Test(sip_signal, who_refreshes_a_session_and_how_often_is_as_the_last_request_says, .init = begin, .fini = finish)
{
    static const struct {
        enum peer_refresh how;
        const char *wants, *gets;
    } rows[] = {
        {PEER_BY_INVITE, "Supported: timer\r\nSession-Expires: 89\r\n", "Min-SE: 90\r\n"},
        {PEER_BY_UPDATE, "Supported: timer\r\nx: 10;refresher=uac\r\n", "Min-SE: 90\r\n"},
        {PEER_BY_INVITE, "", "\r\nRequire: timer\r\nSession-Expires: 1800;refresher=uac\r\n"},
        {PEER_BY_INVITE, "Supported: timer\r\nSession-Expires: 600;refresher=uac\r\n",
         "\r\nRequire: timer\r\nSession-Expires: 600;refresher=uac\r\n"},
        {PEER_BY_UPDATE, "Supported: timer\r\nSession-Expires: 900\r\n",
         "\r\nRequire: timer\r\nSession-Expires: 900;refresher=uac\r\n"},
        {PEER_BY_INVITE, "Session-Expires: 300;refresher=uac\r\n", "\r\nSession-Expires: 300;refresher=uas\r\n"},
        {PEER_BY_ACK, "Supported: timer\r\nSession-Expires: 100;refresher=uas\r\n",
         "\r\nSession-Expires: 100;refresher=uas\r\n"},
    };
    snprintf(caller->headers, sizeof caller->headers, "Supported: timer\r\nSession-Expires: 1800\r\n");
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    cr_assert_null(strstr(caller->said, "Session-Expires"), "a call that rings has no timer: %s", caller->said);
    world_route(world, world->exchange.first, "7001");
    world_run(world, 100);
    peer_answers(world, agent);
    world_run(world, 100);
    cr_assert(strstr(caller->said, "Session-Expires: 1800;refresher=uac\r\n"), "%s", caller->said);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *said = caller_wants(rows[i].how, rows[i].wants);
        bool refused = strncmp(rows[i].gets, "Min-SE", 6) == 0;
        cr_assert(strstr(said, rows[i].gets) && strncmp(said + 8, refused ? "422" : "200", 3) == 0, "%zu: %s", i, said);
    }
    cr_assert_eq(caller->refreshed, 0);
    world_run(world, 50000);
    cr_assert_eq(caller->refreshed, 1, "half of 100 seconds are over, and we refresh");
    cr_assert(strstr(caller->refresh, "Session-Expires: 100;refresher=uac\r\n"), "%s", caller->refresh);
    cr_assert_eq(caller->state, PEER_UP);
}

/* As callers of some exchanges do: their INVITE brings no description, what they want comes with the ACK. */
Test(sip_signal, a_hold_is_begun_and_ended_by_the_description_in_an_ack, .init = begin, .fini = finish)
{
    static const char *const ways[] = {"inactive", "sendrecv", "sendonly", "sendrecv"};
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_route(world, world->exchange.first, "7001");
    world_run(world, 100);
    peer_answers(world, agent);
    world_run(world, 300);
    for (size_t i = 0; i < 4; i++) {
        agent->way = ways[i];
        peer_refreshes(world, agent, PEER_BY_ACK);
        world_run(world, 300);
        unsigned heard = i % 2 == 0 ? 1U << TONE_OF_HOLD : 1U << agent->number;
        cr_assert_eq(peer_hears(caller, false), heard, "%s: %x", ways[i], peer_hears(caller, false));
    }
}

Test(sip_signal, a_session_of_an_exchange_that_has_ended_is_refreshed_no_more, .init = begin, .fini = finish)
{
    static struct sip_peer before;
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_treat(world, world->exchange.first, treatment_Music, "music");
    world_run(world, 100);
    cr_assert_eq(caller->state, PEER_UP);
    before = *caller;
    finish();
    begin();
    peer_poses(caller, &before);
    for (enum peer_refresh how = PEER_BY_INVITE; how <= PEER_BY_ACK; how++) {
        peer_refreshes(world, caller, how);
        world_run(world, 100);
        cr_assert_eq(caller->status, 481, "%u", caller->status);
    }
    caller->state = PEER_IDLE;
}

Test(sip_signal, an_offer_within_a_call_that_cannot_be_is_refused_in_the_words_of_its_row, .init = begin,
     .fini = finish)
{
    hangs_up_as(caller, "127.0.0.6", "");
    caller->protocol = "RTP/NOTHING";
    peer_offers(world, caller, "sendrecv");
    world_run(world, 100);
    cr_assert_eq(caller->status, 488);
    cr_assert(strncmp(caller->said, "SIP/2.0 488 Not Acceptable Here\r\n", 33) == 0, "%s", caller->said);
    cr_assert_str_eq(world->reason, "codec");
    cr_assert_eq(agent->state, PEER_UP);
}

Test(sip_signal, a_number_outside_that_is_refused_is_not_whole_in_the_log, .init = begin, .fini = finish)
{
    poser = world_peer(world, "127.0.0.6", "");
    peer_calls(world, poser, "+493012345678");
    world_run(world, 100);
    cr_assert_eq(poser->status, 403);
    cr_assert(strstr(world->whom, "`..78`") && !strstr(world->whom, "4930"), "%s", world->whom);
}

Test(sip_signal, a_telephone_that_takes_its_registration_back_is_gone_at_once, .init = begin, .fini = finish)
{
    peer_registers(world, agent);
    world_run(world, 20);
    agent->lines = "Expires: 0\r\n";
    peer_registers(world, agent);
    world_run(world, 20);
    cr_assert_eq(agent->status, 200);
    cr_assert_not(telephone("7001")->registered);
}

Test(sip_signal, whoever_is_known_learns_by_options_that_it_is_there, .init = begin, .fini = finish)
{
    poser = world_peer(world, "127.0.0.6", "");
    peer_asks_options(world, caller);
    peer_asks_options(world, poser);
    world_run(world, 100);
    cr_assert(caller->status == 200 && poser->status == 403);
}

/* RFC 3261, section 18.2.1, and RFC 3581, section 4. */
Test(sip_signal, an_answer_says_where_its_request_came_from, .init = begin, .fini = finish)
{
    char port[8], text[512], line[128];
    snprintf(port, sizeof port, "%u", caller->sip);
    const char *const rows[][3] = {/* sent by, its parameters, those of the answer */
                                   {"127.0.0.2:", ";branch=z9hG4bKa", ""},
                                   {"elsewhere.invalid:", ";branch=z9hG4bKb", ";received=127.0.0.2"},
                                   {"127.0.0.2:", ";branch=z9hG4bKc;rport", ";received=127.0.0.2"}};
    strcpy(caller->call_id, "one");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        *caller->said = '\0';
        snprintf(text, sizeof text,
                 "OPTIONS sip:gcx@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP %s%s%s\r\nFrom: <sip:p>;tag=p\r\n"
                 "To: <sip:gcx>\r\nCall-ID: one\r\nCSeq: %zu OPTIONS\r\nContent-Length: 0\r\n\r\n",
                 rows[i][0], port, rows[i][1], i + 1);
        peer_sends(caller, text);
        world_run(world, 100);
        bool asked = strstr(rows[i][1], ";rport") != NULL;
        snprintf(line, sizeof line, "\r\nVia: SIP/2.0/UDP %s%s%s%s%s%s\r\n", rows[i][0], port, rows[i][1],
                 asked ? "=" : "", asked ? port : "", rows[i][2]);
        cr_assert(strstr(caller->said, line), "%s%s", line, caller->said);
    }
}

Test(sip_signal, ten_wrong_passwords_are_told_and_no_more_is_answered, .init = begin, .fini = finish)
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

/* --- Circles --- */

static void begin_announced(void)
{
    static const char *const settings[][2] = {{"announced", "127.0.0.9"}, {NULL, NULL}};
    begin_with(settings);
}

/* The call has passed this host before. */
static unsigned came_by(const char *host, unsigned port)
{
    snprintf(caller->headers, sizeof caller->headers, "Via: SIP/2.0/UDP %s:%u;branch=z9hG4bKbefore\r\n", host, port);
    caller->state = PEER_IDLE;
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    unsigned status = caller->status;
    if (status == 0) peer_hangs_up(world, caller);
    world_run(world, 100);
    return status;
}

Test(sip_signal, a_call_that_has_been_here_goes_in_a_circle, .init = begin_announced, .fini = finish)
{
    unsigned port = sa_port(&world->exchange.setting.own);
    cr_assert_eq(came_by("127.0.0.1", port), 482);
    cr_assert_eq(came_by("127.0.0.9", port), 482);
    cr_assert_eq(came_by("127.0.0.9", port + 1), 0);
    cr_assert_eq(came_by("127.0.0.8", port), 0);
}

static void begin_deciding(void)
{
    static const char *const settings[][2] = {{"redirects", "1801"}, {NULL, NULL}};
    begin_with(settings);
}

Test(sip_signal, a_call_that_is_decided_here_is_told_its_history, .init = begin_deciding, .fini = finish)
{
    strcpy(caller->headers, "History-Info: <sip:+330@there>;index=1\r\n"
                            "History-Info: <sip:+331@there>;index=1.4\r\nReason: SIP;cause=302\r\n");
    peer_calls(world, caller, "1801");
    world_run(world, 100);
    world_route(world, world->exchange.first, "+4930");
    world_run(world, 100);
    cr_assert_eq(caller->status, 302);
    cr_assert_eq(counted(caller->said, "\r\nHistory-Info: "), 3, "%s", caller->said);
    cr_assert(strstr(caller->said, ";index=1.4.1;mp=1.4\r\n") && !strstr(caller->said, "Reason"), "%s", caller->said);
}

/* --- Requests that cannot be met --- */

/* A trunk's request, with a description where it has a type. */
static void sends(const char *method, const char *uri, const char *version, const char *lines, const char *body)
{
    static unsigned count;
    char text[2048];
    count++;
    snprintf(text, sizeof text,
             "%s %s %s\r\nVia: SIP/2.0/UDP 127.0.0.2:%u;branch=z9hG4bKr%u\r\nFrom: <sip:+33@there>;tag=f\r\n"
             "Call-ID: r%u\r\nCSeq: 1 %s\r\nContact: <sip:127.0.0.2:%u>\r\n%sContent-Length: %zu\r\n\r\n%s",
             method, uri, version, caller->sip, count, count, method, caller->sip, lines, strlen(body), body);
    *caller->said = *world->reason = '\0';
    snprintf(caller->call_id, sizeof caller->call_id, "r%u", count);
    strcpy(caller->tag, "f");
    strcpy(caller->target, "sip:1800@here");
    peer_sends(caller, text);
    world_run(world, 100);
}

#define TO           "To: <sip:1800@here>\r\n"
#define TO_DIALOG    "To: <sip:1800@here>;tag=t\r\n"
#define SOUND(lines) "v=0\r\no=- 1 1 IN IP4 127.0.0.2\r\ns=-\r\nc=IN IP4 127.0.0.2\r\nt=0 0\r\nm=audio 6000 " lines
#define SDP          TO "Content-Type: application/sdp\r\n"

Test(sip_signal, each_request_that_cannot_be_met_is_refused_for_its_reason, .init = begin, .fini = finish)
{
    static const struct {
        const char *method, *uri, *version, *lines, *body, *reason;
        unsigned status;
    } cases[] = {
        {"UPDATE", "sip:gcx@here", "SIP/2.0", TO_DIALOG, "", "no_call", 481},
        {"MESSAGE", "sip:1800@here", "SIP/2.0", TO, "", "method", 405},
        {"OPTIONS", "sip:here", "SIP/2.0", TO "Require: magic\r\n", "", "extension", 420},
        {"OPTIONS", "sip:here", "SIP/3.0", TO, "", "version", 505},
        {"OPTIONS", "http:1800", "SIP/2.0", TO, "", "scheme", 416},
        {"INVITE", "tel:4711", "SIP/2.0", TO, "", "unknown_number", 404},
        {"OPTIONS", "sip:here", "SIP/2.0", "", "", "malformed", 400},
        {"INVITE", "sip:1800@here", "SIP/2.0", TO "Content-Type: text/plain\r\n", "hello", "body", 415},
        {"INVITE", "sip:1800@here", "SIP/2.0", TO "Max-Forwards: 0\r\n", "", "hops", 483},
        {"INVITE", "sip:4711@here", "SIP/2.0", TO, "", "unknown_number", 404},
        {"INVITE", "sip:1800@here", "SIP/2.0", TO "Supported: timer\r\nSession-Expires: 10\r\n", "", "interval", 422},
        {"INVITE", "sip:1800@here", "SIP/2.0", SDP, SOUND("RTP/AVP 0\r\n") "a=inactive\r\n", "", 0},
        {"INVITE", "sip:1800@here", "SIP/2.0", SDP, SOUND("RTP/AVP 77\r\n"), "codec", 488},
        {"INVITE", "sip:1800@here", "SIP/2.0", TO "Replaces: x\r\n", "", "malformed", 400},
        {"INVITE", "sip:1800@here", "SIP/2.0", TO "Replaces: x;to-tag=a;from-tag=b\r\n", "", "no_call", 481},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        char status[32];
        sends(cases[i].method, cases[i].uri, cases[i].version, cases[i].lines, cases[i].body);
        snprintf(status, sizeof status, "SIP/2.0 %u ", cases[i].status);
        cr_assert_str_eq(world->reason, cases[i].reason, "case %u: %s", i, world->reason);
        if (strcmp(cases[i].reason, "unknown_number") == 0)
            cr_assert_str_eq(world->whom, "INVITE to `4711` from 127.0.0.2:5080");
        if (cases[i].status > 0)
            cr_assert(strncmp(caller->said, status, strlen(status)) == 0, "case %u: %s", i, caller->said);
    }
}

/* The trunk brings back what it was sent, for another number. */
static void comes_back(bool as_another)
{
    char text[4096], *id;
    const char *rest = strstr(outlet->invite, "Via: ");
    cr_assert(outlet->state == PEER_RINGS && rest);
    snprintf(text, sizeof text,
             "INVITE sip:1801@here SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.4:5084;branch=z9hG4bKback%d\r\n%s", as_another,
             rest);
    if (as_another && (id = strstr(text, "Call-ID: "))) id[9] = id[9] == 'x' ? 'y' : 'x';
    *world->reason = '\0';
    peer_sends(outlet, text);
    world_run(world, 100);
}

Test(sip_signal, a_call_that_a_telephone_dials_may_come_back_to_a_number_of_ours, .init = begin, .fini = finish)
{
    dials(agent, "+4930", 70);
    comes_back(true);
    cr_assert_str_eq(world->reason, "loop");
    comes_back(false);
    cr_assert_str_eq(world->reason, "");
}

Test(sip_signal, a_call_of_a_trunk_does_not_come_back, .init = begin, .fini = finish)
{
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_route(world, world->exchange.first, "+4930");
    world_run(world, 100);
    comes_back(false);
    cr_assert_str_eq(world->reason, "loop");
}

Test(sip_signal, a_method_that_is_none_of_ours_is_refused_within_a_call, .init = begin, .fini = finish)
{
    char dialog[1024];
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_treat(world, world->exchange.first, treatment_Music, "music");
    world_run(world, 100);
    cr_assert_eq(caller->state, PEER_UP);
    snprintf(dialog, sizeof dialog,
             "PUBLISH %s SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.2:%u;branch=z9hG4bKp\r\nFrom: <sip:p>;tag=%s\r\n"
             "To: %s\r\nCall-ID: %s\r\nCSeq: 9 PUBLISH\r\nContent-Length: 0\r\n\r\n",
             caller->target, caller->sip, caller->tag, caller->remote, caller->call_id);
    peer_sends(caller, dialog);
    world_run(world, 100);
    cr_assert(caller->status == 405 && strcmp(world->reason, "method") == 0, "%u %s", caller->status, world->reason);
}

/* Else each side would have another description for the last one (RFC 3311, section 5.2). */
Test(sip_signal, an_update_that_offers_across_our_own_offer_has_to_wait, .init = begin, .fini = finish)
{
    static const char body[] = "v=0\r\no=- 1 9 IN IP4 127.0.0.2\r\ns=-\r\nc=IN IP4 127.0.0.2\r\nt=0 0\r\n"
                               "m=audio 9000 RTP/AVP 8\r\n";
    char update[1024];
    strcpy(caller->headers, "Supported: timer\r\nSession-Expires: 90;refresher=uas\r\n");
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_treat(world, world->exchange.first, treatment_Music, "music");
    world_run(world, 44000);
    caller->deaf = true;
    world_run(world, 2000);
    snprintf(update, sizeof update,
             "UPDATE %s SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.2:%u;branch=z9hG4bKu\r\nFrom: <sip:p>;tag=%s\r\n"
             "To: %s\r\nCall-ID: %s\r\nCSeq: 9 UPDATE\r\nContact: <sip:x@127.0.0.2:%u>\r\n"
             "Content-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%s",
             caller->target, caller->sip, caller->tag, caller->remote, caller->call_id, caller->sip, strlen(body),
             body);
    peer_sends(caller, update);
    world_run(world, 100);
    cr_assert_str_eq(world->reason, "pending");
}

Test(sip_signal, a_telephone_takes_its_call_back_whoever_else_calls, .init = begin, .fini = finish)
{
    dials(agent, "+4930", 70);
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    peer_hangs_up(world, agent);
    world_run(world, 100);
    cr_assert_eq(outlet->state, PEER_IDLE);
    cr_assert_str_eq(world->reason, "");
}

Test(sip_signal, a_second_answer_to_one_call_is_hung_up_on_until_that_is_heard, .init = begin, .fini = finish)
{
    dials(agent, "+4930", 70);
    peer_answers(world, outlet);
    world_run(world, 100);
    outlet->state = PEER_RINGS;
    strcpy(outlet->tag, "other");
    outlet->deaf = true;
    peer_answers(world, outlet);
    world_run(world, 2000);
    cr_assert_gt(outlet->ended, 1);
    cr_assert(agent->state == PEER_UP && world->exchange.first);
}

/* The 200 has crossed the CANCEL of a proxy, which then says both. */
Test(sip_signal, an_answer_behind_a_refusal_is_acknowledged_and_hung_up_on, .init = begin, .fini = finish)
{
    dials(agent, "+4930", 70);
    peer_refuses(world, outlet, 486);
    world_run(world, 100);
    cr_assert_null(world->exchange.first);
    outlet->state = PEER_RINGS;
    strcpy(outlet->tag, "other");
    outlet->ended = 0;
    peer_answers(world, outlet);
    world_run(world, 1000);
    cr_assert_eq(outlet->ended, 1);
}

/* The agent dials a trunk that answers by what the INVITE does not allow. It hears ACK and BYE, and not a packet; the
 * agent's call ends, and its reason is counted. */
static void answer_is_hung_up_on(const char *reason)
{
    dials(agent, "+4930", 70);
    peer_answers(world, outlet);
    outlet->notes = "ACK";
    world_run(world, 1500);
    cr_assert_eq(outlet->noted, 1, "ACK: %u", outlet->noted);
    cr_assert_eq(outlet->ended, 1, "BYE: %u", outlet->ended);
    cr_assert_eq(outlet->packets, 0, "it hears what is none of its sound");
    cr_assert_eq(counted(world->reasons, reason), 1, "%s", world->reasons);
    cr_assert(agent->state == PEER_IDLE && !world->exchange.first);
}

static const char key_of_answer[] =
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5\r\n";

Test(sip_signal, an_encrypted_answer_to_a_plain_offer_is_hung_up_on, .init = begin, .fini = finish)
{
    outlet->protocol = "RTP/SAVP";
    outlet->more = key_of_answer;
    answer_is_hung_up_on("codec");
}

Test(sip_signal, encrypted_sound_before_the_answer_to_a_plain_offer_is_none, .init = begin, .fini = finish)
{
    outlet->protocol = "RTP/SAVP";
    outlet->more = key_of_answer;
    outlet->progress = true;
    answer_is_hung_up_on("codec");
}

/* The caller talks with the agent, whose next answer to an offer of ours is of the other kind of sound. */
static void agent_talks_and_turns(const char *protocol, const char *more)
{
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_route(world, world->exchange.first, "7001");
    world_run(world, 100);
    peer_answers(world, agent);
    world_run(world, 300);
    agent->protocol = protocol;
    agent->more = more;
}

static void call_is_over_by_codec(void)
{
    world_run(world, 1500);
    cr_assert_eq(agent->ended, 1, "BYE: %u", agent->ended);
    cr_assert(agent->state == PEER_IDLE && caller->state == PEER_IDLE && !world->exchange.first);
    cr_assert_eq(counted(world->reasons, "codec"), 1, "%s", world->reasons);
}

Test(sip_signal, an_encrypted_answer_to_a_plain_offer_within_a_call_ends_it, .init = begin, .fini = finish)
{
    agent_talks_and_turns("RTP/SAVP", key_of_answer);
    agent->notes = "ACK";
    leg_offer_again(world->exchange.first->called);
    call_is_over_by_codec();
    cr_assert_eq(agent->noted, 1, "ACK: %u", agent->noted);
}

Test(sip_signal, an_encrypted_answer_to_a_plain_offer_that_comes_with_an_ack_ends_the_call, .init = begin,
     .fini = finish)
{
    agent_talks_and_turns("RTP/SAVP", key_of_answer);
    peer_refreshes(world, agent, PEER_BY_ACK);
    call_is_over_by_codec();
}

Test(sip_signal, a_plain_answer_to_an_encrypted_offer_within_a_call_ends_it, .init = begin, .fini = finish)
{
    agent_talks_and_turns("RTP/AVP", "");
    leg_offer_again(world->exchange.first->called);
    world->exchange.first->called->offered_secure = true;
    call_is_over_by_codec();
}

Test(sip_signal, an_answer_within_a_call_that_has_no_codec_is_told_and_the_call_goes_on, .init = begin, .fini = finish)
{
    agent_talks_and_turns("RTP/XXX", "");
    leg_offer_again(world->exchange.first->called);
    world_run(world, 1500);
    cr_assert_eq(counted(world->reasons, "codec"), 1, "%s", world->reasons);
    cr_assert(agent->state == PEER_UP && peer_hears(caller, false) == 1U << agent->number);
}

Test(sip_signal, an_answer_that_names_no_address_is_hung_up_on_where_it_came_from, .init = begin, .fini = finish)
{
    outlet->contact = "";
    answer_is_hung_up_on("malformed");
}

Test(sip_signal, an_answer_whose_address_cannot_be_read_is_hung_up_on, .init = begin, .fini = finish)
{
    outlet->contact = "<>";
    answer_is_hung_up_on("malformed");
}

Test(sip_signal, an_answer_whose_proxies_cannot_be_read_is_hung_up_on, .init = begin, .fini = finish)
{
    outlet->contact = "<sip:+4930@127.0.0.4:5084>\r\nRecord-Route: <>";
    answer_is_hung_up_on("malformed");
}

Test(sip_signal, a_second_answer_that_names_no_address_is_hung_up_on, .init = begin, .fini = finish)
{
    dials(agent, "+4930", 70);
    peer_answers(world, outlet);
    world_run(world, 100);
    outlet->state = PEER_RINGS;
    strcpy(outlet->tag, "other");
    outlet->contact = "";
    peer_answers(world, outlet);
    world_run(world, 1000);
    cr_assert_eq(outlet->ended, 1);
    cr_assert(agent->state == PEER_UP && world->exchange.first);
}

/* As 500 (RFC 3261, 8.1.3.2): who asked waits for no other one. */
Test(sip_signal, a_refusal_of_no_known_class_ends_the_call, .init = begin, .fini = finish)
{
    static const unsigned classes[] = {500, 700, 799, 999};
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        dials(agent, "+4930", 70);
        outlet->notes = "ACK";
        outlet->noted = 0;
        peer_refuses(world, outlet, classes[i]);
        world_run(world, 100);
        cr_assert_eq(outlet->noted, 1, "%u: ACK", classes[i]);
        cr_assert(!world->exchange.first && agent->state == PEER_IDLE, "%u", classes[i]);
        cr_assert_eq(agent->status, 503, "%u: %u", classes[i], agent->status);
        agent->status = 0;
    }
}

Test(sip_signal, a_redirection_that_cannot_be_read_is_an_answer, .init = begin, .fini = finish)
{
    outlet->contact = "<tel:+49>;q=2, <>";
    dials(agent, "+4930", 70);
    outlet->notes = "ACK";
    peer_refuses(world, outlet, 300);
    world_run(world, 100);
    cr_assert(outlet->noted == 1 && outlet->invited == 1, "%u %u", outlet->noted, outlet->invited);
    cr_assert(!world->exchange.first && strcmp(world->reasons, "led_nowhere ") == 0, "480: %s", world->reasons);
}

Test(sip_signal, a_provisional_answer_that_nobody_acknowledges_ends_the_call, .init = begin, .fini = finish)
{
    caller->lines = "Require: 100rel\r\n";
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_treat(world, world->exchange.first, treatment_RingBack, "");
    world_run(world, 31000);
    cr_assert_eq(caller->status, 0);
    world_run(world, 2000);
    cr_assert(caller->status == 504 && strcmp(world->reason, "not_acknowledged") == 0, "%u", caller->status);
    cr_assert_null(world->exchange.first);
}

/* --- Where the requests of a call go --- */

/* The agent hangs up on a trunk's caller, whose INVITE has these. Who is told of it? */
static const struct sip_peer *hangs_up_on(const char *contact, const char *route)
{
    const struct sip_peer *told = NULL;
    struct sip_peer *trunk[] = {caller, &world->peers[3], outlet};
    caller->state = PEER_IDLE;
    caller->contact = contact;
    strcpy(caller->headers, route);
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_route(world, world_talk(world, NULL), "7001");
    world_run(world, 100);
    peer_answers(world, agent);
    world_run(world, 100);
    for (unsigned i = 0; i < 3; i++) trunk[i]->ended = 0;
    peer_hangs_up(world, agent);
    world_run(world, 33000);
    for (unsigned i = 0; i < 3; i++) {
        if (trunk[i]->ended == 0) continue;
        cr_assert_null(told);
        told = trunk[i];
    }
    return told;
}

Test(sip_signal, a_trunk_is_told_at_the_address_that_it_names_if_that_is_a_trunks, .init = begin, .fini = finish)
{
    cr_assert_eq(hangs_up_on("x@127.0.0.2:5083", ""), &world->peers[3]);
    cr_assert_eq(hangs_up_on("x@127.0.0.4:5084", ""), outlet);
    cr_assert_eq(hangs_up_on("x@127.0.0.9:5083", ""), caller);
    cr_assert_eq(hangs_up_on("x@trunk.invalid:5083", ""), caller);
}

Test(sip_signal, a_proxy_of_the_call_is_told_where_it_is, .init = begin, .fini = finish)
{
    cr_assert_eq(hangs_up_on("x@127.0.0.2:5080", "Record-Route: <sip:127.0.0.2:5083;lr>\r\n"), &world->peers[3]);
    cr_assert_eq(hangs_up_on("x@127.0.0.2:5083", "Record-Route: <sip:proxy.invalid;lr>\r\n"), caller);
}

static void begin_with_one_trunk(void)
{
    static const char *const settings[][2] = {{"trunks", "127.0.0.2"}, {"outbound", "127.0.0.4:5084"}, {NULL, NULL}};
    begin_with(settings);
}

Test(sip_signal, whoever_gets_calls_of_ours_is_no_stranger, .init = begin_with_one_trunk, .fini = finish)
{
    peer_asks_options(world, outlet);
    world_run(world, 100);
    cr_assert_eq(outlet->status, 200);
}

/* --- A session takes another one's place --- */

Test(sip_signal, a_session_is_replaced_by_its_own_telephone_alone, .init = begin, .fini = finish)
{
    struct sip_peer *beside = world_peer(world, "127.0.0.3", "7001");
    static const struct {
        bool own;
        const char *more;
        unsigned status;
        const char *reason;
    } cases[] = {
        {false, "", 403, "dialled_forbidden"}, {true, ";early-only", 486, "dialled_busy"}, {true, "", 200, ""}};
    sa_set_port(&telephone("7001")->at, agent->sip);
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_route(world, world->exchange.first, "7001");
    world_run(world, 100);
    peer_answers(world, agent);
    world_run(world, 100);
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sip_peer *as = cases[i].own ? beside : expert;
        const char *tag = strstr(agent->remote, ";tag=");
        char replaces[300];
        cr_assert(tag);
        snprintf(replaces, sizeof replaces, "Replaces: %s;to-tag=%s;from-tag=%s%s\r\n", agent->call_id, tag + 5,
                 agent->tag, cases[i].more);
        *world->reason = '\0';
        if (cases[i].own) sa_set_port(&telephone("7001")->at, beside->sip);
        as->lines = replaces;
        dials(as, "7001", 70);
        cr_assert_eq(as->status, cases[i].status, "case %u: %u", i, as->status);
        cr_assert_str_eq(world->reason, cases[i].reason, "case %u: %s", i, world->reason);
    }
    world_run(world, 300);
    cr_assert_eq(agent->state, PEER_IDLE, "its session is over");
    cr_assert(peer_hears(caller, false) == 1U << beside->number && peer_hears(beside, false) == 1U << caller->number);
}

/* An agent talks with a caller. */
static void talks(void)
{
    peer_registers(world, agent);
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_route(world, world->exchange.first, "7001");
    world_run(world, 100);
    peer_answers(world, agent);
    world_run(world, 100);
    cr_assert(caller->state == PEER_UP && agent->state == PEER_UP);
}

Test(sip_signal, a_number_outside_that_is_asked_by_a_trunk_that_is_there_is_no_warning, .init = begin, .fini = finish)
{
    talks();
    world_party(world, world->exchange.first, "7001", ASK_CONSULT, "+4930");
    world_run(world, 100);
    cr_assert_eq(outlet->state, PEER_RINGS);
    cr_assert_eq(*world->logged, '\0', "%s", world->logged);
}

/* RFC 3261, sections 17.1.1.2 and 17.1.2.2: the pause doubles; of all but INVITE it is four seconds at most. */
Test(sip_signal, a_request_that_is_lost_comes_again_after_a_longer_pause, .init = begin, .fini = finish)
{
    static const unsigned invites[] = {500, 1000, 2000}, byes[] = {500, 1000, 2000, 4000, 4000, 4000};
    talks();
    agent->deaf = true;
    agent->notes = "BYE";
    peer_hangs_up(world, caller);
    world_run(world, 20000);
    cr_assert_gt(agent->noted, 6, "%u", agent->noted);
    for (unsigned i = 0; i < 6; i++) cr_assert_eq(agent->noted_ms[i + 1] - agent->noted_ms[i], byes[i], "BYE %u", i);
    world_run(world, 30000);
    peer_registers(world, expert);
    expert->deaf = true;
    expert->notes = "INVITE";
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_route(world, world->exchange.first, "7002");
    world_run(world, 3900);
    cr_assert_eq(expert->noted, 4, "%u", expert->noted);
    for (unsigned i = 0; i < 3; i++) cr_assert_eq(expert->noted_ms[i + 1] - expert->noted_ms[i], invites[i], "%u", i);
}

/* RFC 3261, section 17.1.1.2: for so long it may come again, and is acknowledged. */
Test(sip_signal, an_invite_that_was_refused_is_forgotten_after_half_a_minute, .init = begin, .fini = finish)
{
    peer_registers(world, agent);
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_route(world, world->exchange.first, "7001");
    world_run(world, 100);
    peer_refuses(world, agent, 603);
    world_run(world, 100);
    cr_assert(agent->invited == 1 && g_hash_table_size(world->exchange.ua.requests) == 1);
    peer_hangs_up(world, caller);
    world_run(world, 33000);
    cr_assert_eq(g_hash_table_size(world->exchange.ua.requests), 0);
}

Test(sip_signal, an_answer_that_comes_again_is_acknowledged_again_and_ends_nothing, .init = begin, .fini = finish)
{
    agent->notes = "ACK";
    talks();
    cr_assert_eq(agent->noted, 1);
    for (unsigned i = 2; i <= 4; i++) { /* its acknowledgement was lost */
        agent->state = PEER_RINGS;
        peer_answers(world, agent);
        world_run(world, 500);
        cr_assert_eq(agent->noted, i, "%u", agent->noted);
    }
    cr_assert(agent->ended == 0 && caller->ended == 0 && agent->state == PEER_UP);
    peer_hangs_up(world, caller);
    world_run(world, 1000);
    cr_assert(agent->ended > 0 && caller->ended == 0, "who has hung up is not told to");
}

Test(sip_signal, an_offer_that_came_across_the_peers_is_made_once_more, .init = begin, .fini = finish)
{
    strcpy(caller->headers, "Supported: timer\r\nSession-Expires: 90;refresher=uas\r\n");
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_treat(world, world->exchange.first, treatment_Music, "music");
    caller->glares = 2;
    world_run(world, 44000);
    cr_assert_eq(caller->refreshed, 0);
    world_run(world, 8000);
    cr_assert(caller->glares == 0 && caller->refreshed == 1, "%u INVITEs", caller->refreshed);
    cr_assert_eq(caller->state, PEER_UP);
}

/* A session has one offer under way at a time (RFC 3261, section 14.1). */
Test(sip_signal, an_offer_of_ours_waits_for_what_is_under_way, .init = begin, .fini = finish)
{
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_treat(world, world->exchange.first, treatment_Music, "music");
    world_run(world, 100);
    struct leg *leg = talk_next_leg(world->exchange.first, NULL);
    caller->notes = "INVITE";
    caller->deaf = true;
    leg_offer_again(leg);
    leg_offer_again(leg);
    world_run(world, 100);
    cr_assert_eq(caller->noted, 1, "the first one is not answered");
    caller->deaf = false;
    world_run(world, 1000);
    cr_assert_eq(caller->refreshed, 2);
    caller->glares = 1;
    caller->noted = 0;
    leg_offer_again(leg);
    world_run(world, 100);
    leg_offer_again(leg);
    world_run(world, 100);
    cr_assert_eq(caller->noted, 1, "it came across the peer's, and is to be made again");
    world_run(world, 5000);
    cr_assert_eq(caller->refreshed, 3);
    caller->deaf = true;
    caller->noted = 0;
    peer_offers(world, caller, "sendrecv");
    world_run(world, 100);
    leg_offer_again(leg);
    world_run(world, 100);
    cr_assert_eq(caller->noted, 0, "our answer is not acknowledged");
    caller->deaf = false;
    world_run(world, 1000);
    cr_assert_eq(caller->refreshed, 4);
}

/* RFC 3261, section 14.2: the peer is to make its second offer once the first one has an answer. */
Test(sip_signal, an_offer_of_the_peer_waits_for_the_answer_to_its_first_one, .init = begin, .fini = finish)
{
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_route(world, world->exchange.first, "7001");
    world_run(world, 100);
    cr_assert_neq(strstr(caller->remote, ";tag="), NULL);
    peer_offers(world, caller, "sendrecv");
    world_run(world, 100);
    cr_assert(caller->status == 500 && world->exchange.first, "%u", caller->status);
}

/* A proxy that is left out would not let the request through, and the address of before may be another telephone's. */
Test(sip_signal, a_refresh_goes_by_all_proxies_to_where_the_peer_said_last, .init = begin, .fini = finish)
{
    snprintf(caller->headers, sizeof caller->headers,
             "Supported: timer\r\nSession-Expires: 90;refresher=uas\r\nRecord-Route: <sip:127.0.0.2:%u;lr>\r\n"
             "Record-Route: <sip:second.invalid;lr>\r\nRecord-Route: <sip:third.invalid;lr>\r\n",
             caller->sip);
    caller->contact = "first@127.0.0.2";
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_treat(world, world->exchange.first, treatment_Music, "music");
    world_run(world, 100);
    caller->contact = "moved@127.0.0.2";
    caller_wants(PEER_BY_INVITE, "Supported: timer\r\nSession-Expires: 90;refresher=uas\r\n");
    world_run(world, 46000);
    cr_assert_eq(caller->refreshed, 1);
    cr_assert_eq(strncmp(caller->refresh, "INVITE sip:moved@", 17), 0, "%s", caller->refresh);
    const char *second = strstr(caller->refresh, "Route: <sip:second.invalid;lr>\r\n");
    cr_assert(second && strstr(second, "Route: <sip:third.invalid;lr>\r\n"), "%s", caller->refresh);
}

/* RFC 3261, section 12.2.1.1: a router of RFC 2543 reads its own address, and takes the next one from the last Route.
 */
Test(sip_signal, a_strict_router_is_asked_itself_and_the_peer_is_the_last_route, .init = begin, .fini = finish)
{
    char first[64], routes[160];
    snprintf(caller->headers, sizeof caller->headers,
             "Supported: timer\r\nSession-Expires: 90;refresher=uas\r\nRecord-Route: <sip:127.0.0.2:%u;old>\r\n"
             "Record-Route: <sip:second.invalid;lr>\r\n",
             caller->sip);
    caller->contact = "first@10.1.2.3";
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_treat(world, world->exchange.first, treatment_Music, "music");
    world_run(world, 46000);
    cr_assert_eq(caller->refreshed, 1);
    snprintf(first, sizeof first, "INVITE sip:127.0.0.2:%u;old SIP/2.0\r\n", caller->sip);
    cr_assert_eq(strncmp(caller->refresh, first, strlen(first)), 0, "%s", caller->refresh);
    snprintf(routes, sizeof routes, "\r\nRoute: <sip:second.invalid;lr>\r\nRoute: <sip:first@10.1.2.3>\r\nTo: ");
    cr_assert(strstr(caller->refresh, routes), "%s", caller->refresh);
}

/* --- Our registration at a provider --- */

static int registered_with;

static void registered_on_answer(int error, const struct sip_msg *answer, void *self)
{
    (void)answer, (void)self;
    registered_with = error;
}

Test(sip_signal, a_binding_that_a_registrar_rewrites_is_ours, .init = begin, .fini = finish)
{
    static const struct {
        const char *contact, *granted;
        unsigned renewed_s;
    } rows[] = {{"kim@127.0.0.1:5060", "", 270},
                {"kim@127.0.0.1:5060", "Expires: 60\r\n", 54},
                {"kim@127.0.0.1:5060", "Expires: 4000000000\r\n", 270},
                {"lee@10.1.2.3", "Contact: <sip:kim@127.0.0.1:5060>;expires=100\r\n", 90},
                {"kim@10.1.2.3", "Contact: <sip:kim@127.0.0.1:5060>;expires=100\r\n", 90},
                {"kim@203.0.113.7:49152;ob", "Expires: 60\r\n", 54},
                {"kim@203.0.113.7", "Contact: <sip:kim@10.1.2.3>;expires=20\r\nExpires: 60\r\n", 18},
                {"lee@10.1.2.3", "Expires: 60\r\n", 54},
                {"s@10.1.2.3:5060;line=4711", "Contact: <sip:7@10.1.2.4>;expires=40\r\n", 36}};
    const struct registration_ask ask = {.registrar = "sip:127.0.0.4:5084",
                                         .uri = "sip:kim@127.0.0.4:5084",
                                         .contact = "sip:kim@127.0.0.1:5060",
                                         .seconds = 300,
                                         .told = registered_on_answer};
    outlet->notes = "REGISTER";
    strcpy(outlet->tag, "registrar");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct registration *registration;
        registered_with = -1;
        outlet->contact = rows[i].contact;
        outlet->granted = rows[i].granted;
        outlet->noted = 0;
        cr_assert_eq(registration_begin(&registration, &world->exchange.ua, &ask), 0);
        world_run(world, rows[i].renewed_s * 1000 - 1000);
        cr_assert(registered_with == 0 && outlet->noted == 1, "%zu: %d, %u", i, registered_with, outlet->noted);
        world_run(world, 2000);
        cr_assert_eq(outlet->noted, 2, "%zu: %u", i, outlet->noted);
        registration_end(registration, true);
        world_run(world, 100);
    }
}

Test(sip_signal, a_uri_says_where_a_message_goes_and_by_which_transport)
{
    static const struct {
        const char *uri, *to; /* "": it is not reached */
        enum sip_transp transport;
    } rows[] = {{"sip:7001@192.0.2.1", "192.0.2.1:5060", SIP_TRANSP_UDP},
                {"sip:192.0.2.1:5070", "192.0.2.1:5070", SIP_TRANSP_UDP},
                {"sip:192.0.2.1;transport=UDP", "192.0.2.1:5060", SIP_TRANSP_UDP},
                {"sip:192.0.2.1;transport=tcp", "192.0.2.1:5060", SIP_TRANSP_TCP},
                {"sip:192.0.2.1;transport=tls", "192.0.2.1:5061", SIP_TRANSP_TLS},
                {"sip:192.0.2.1:5080;transport=TLS", "192.0.2.1:5080", SIP_TRANSP_TLS},
                {"sip:site.example;maddr=192.0.2.9", "192.0.2.9:5060", SIP_TRANSP_UDP},
                {"sip:[2001:db8::1]", "[2001:db8::1]:5060", SIP_TRANSP_UDP},
                {"sip:192.0.2.1;transport=sctp", "", SIP_TRANSP_UDP},
                {"sip:site.example", "", SIP_TRANSP_UDP},
                {"tel:+4930", "", SIP_TRANSP_UDP},
                {"", "", SIP_TRANSP_UDP}};
    struct ua ua = {.has = {[SIP_TRANSP_UDP] = true, [SIP_TRANSP_TCP] = true, [SIP_TRANSP_TLS] = true}};
    struct way way;
    char to[80];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool reached = ua_way(&ua, rows[i].uri, &way) == 0;
        cr_assert_eq(reached, *rows[i].to != '\0', "%s", rows[i].uri);
        if (!reached) continue;
        (void)re_snprintf(to, sizeof to, "%J", &way.to);
        cr_assert(way.transport == rows[i].transport && strcmp(to, rows[i].to) == 0, "%s: %s", rows[i].uri, to);
    }
    ua.has[SIP_TRANSP_TLS] = false;
    cr_assert_neq(ua_way(&ua, "sip:192.0.2.1;transport=tls", &way), 0, "that transport is not bound");
}

/* The telephone talks with a number of that trunk, which asks for a proof of the call, or of its end alone. */
static void talks_with_proof(bool of_call)
{
    static struct provider provider = {.registrar = "sip:127.0.0.4:5084", .name = "kim", .password = "a secret"};
    struct provider *all[] = {&provider};
    const struct providers before = world->exchange.providers;
    world->exchange.providers = (struct providers){.all = all, .count = 1};
    outlet->refused = of_call ? 407 : 0;
    dials(agent, "+4930", 70);
    world->exchange.providers = before;
    peer_answers(world, outlet);
    world_run(world, 100);
    cr_assert_eq(agent->state, PEER_UP);
    outlet->refused = 407;
    peer_hangs_up(world, agent);
    world_run(world, 100);
    cr_assert_eq(outlet->state, PEER_IDLE);
}

Test(sip_signal, a_trunk_that_asks_for_a_proof_of_a_call_has_it, .init = begin, .fini = finish)
{
    talks_with_proof(true);
    cr_assert(outlet->invited == 2 && outlet->ended == 1, "%u INVITEs, %u BYEs", outlet->invited, outlet->ended);
    cr_assert(strstr(outlet->invite, "Digest username=\"kim\", realm=\"out\", nonce=\"n\""), "%s", outlet->invite);
}

Test(sip_signal, a_trunk_that_asks_for_a_proof_of_an_end_has_it, .init = begin, .fini = finish)
{
    talks_with_proof(false);
    cr_assert(outlet->invited == 1 && outlet->ended == 2, "%u INVITEs, %u BYEs", outlet->invited, outlet->ended);
}

static void hex_of(bool sha256, const char *text, char hex[65])
{
    uint8_t digest[crypto_hash_sha256_BYTES];
    if (sha256)
        crypto_hash_sha256(digest, (const uint8_t *)text, strlen(text));
    else
        md5((const uint8_t *)text, strlen(text), digest);
    sodium_bin2hex(hex, 65, digest, sha256 ? sizeof digest : MD5_SIZE);
}

/* Answers a challenge; "": it is not answered. */
static void proof_of(const char *challenges, char text[600])
{
    struct proofs proofs;
    struct sip_msg *answer;
    struct mbuf *bytes = mbuf_alloc(512), *printed = mbuf_alloc(512);
    mbuf_printf(bytes,
                "SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nCall-ID: 1\r\n"
                "CSeq: 1 REGISTER\r\n%sContent-Length: 0\r\n\r\n",
                challenges);
    bytes->pos = 0;
    cr_assert_eq(sip_msg_decode(&answer, bytes), 0);
    proofs_begin(&proofs, "kim", "a secret");
    if (proofs_take(&proofs, answer)) proofs_print(printed, &proofs, "REGISTER", "sip:out.example");
    cr_assert_lt(printed->end, 600);
    memcpy(text, printed->buf, printed->end);
    text[printed->end] = '\0';
    proofs_end(&proofs);
    mem_deref(answer), mem_deref(bytes), mem_deref(printed);
}

Test(sip_signal, a_challenge_is_answered_by_its_algorithm_md5_or_sha256)
{
    static const struct {
        const char *challenges;
        bool sha256;
    } rows[] = {{"WWW-Authenticate: Digest realm=\"out\", nonce=\"n\"\r\n", false},
                {"WWW-Authenticate: Digest realm=\"out\", nonce=\"n\", algorithm=MD5, qop=\"auth\"\r\n", false},
                {"WWW-Authenticate: Digest realm=\"out\", nonce=\"n\", algorithm=SHA-256, qop=\"auth\"\r\n", true},
                {"WWW-Authenticate: Digest realm=\"out\", nonce=\"n\", algorithm=SHA-512-256\r\n"
                 "WWW-Authenticate: Digest realm=\"out\", nonce=\"n\", algorithm=sha-256\r\n",
                 true}};
    char text[600], who[65], what[65], whole[65], all[200], own[33] = "", given[65] = "";
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        proof_of(rows[i].challenges, text);
        bool counted = strstr(rows[i].challenges, "qop") != NULL;
        cr_assert(strstr(text, "response=\"") &&
                  sscanf(strstr(text, "response=\""), "response=\"%64[0-9a-f]", given) == 1);
        cr_assert_eq(strstr(text, "algorithm=SHA-256") != NULL, rows[i].sha256, "%s", text);
        if (counted) cr_assert_eq(sscanf(strstr(text, "cnonce=\""), "cnonce=\"%32[^\"]", own), 1);
        hex_of(rows[i].sha256, "kim:out:a secret", who);
        hex_of(rows[i].sha256, "REGISTER:sip:out.example", what);
        if (counted)
            snprintf(all, sizeof all, "%s:n:00000001:%s:auth:%s", who, own, what);
        else
            snprintf(all, sizeof all, "%s:n:%s", who, what);
        hex_of(rows[i].sha256, all, whole);
        cr_assert_str_eq(given, whole, "%s", text);
    }
    proof_of("WWW-Authenticate: Digest realm=\"out\", nonce=\"n\", algorithm=SHA-512-256\r\n", text);
    cr_assert_str_eq(text, "", "nobody can answer it");
}
