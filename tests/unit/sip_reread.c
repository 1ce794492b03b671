/* tests/unit/sip_reread.c - Files of the settings that change while the exchange runs: what counts then, and when. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/adapters/sip/reread.h"
#include "tests/unit/sip_world.h"

TestSuite(sip_reread, .timeout = 60);

static struct sip_world *world;
static struct sip_peer *agent, *expert, *provider, *caller;
static char path[128];

/* All that the world has. */
#define ALL "7001 secret\n7002 secret\n7003 secret\n7004 secret\n7005 secret\n7006 secret\n"

static void write_file(const char *text)
{
    mode_t mask = umask(077);
    FILE *out = fopen(path, "w");
    umask(mask);
    cr_assert(out && fputs(text, out) >= 0 && fclose(out) == 0);
}

static void begin(void)
{
    world = world_new(NULL);
    agent = world_peer(world, "127.0.0.3", "7001");
    expert = world_peer(world, "127.0.0.3", "7002");
    provider = world_peer(world, "127.0.0.4", "+4930");
    caller = world_peer(world, "127.0.0.2", "");
}

static void finish(void)
{
    (void)unlink(path);
    world_free(world);
}

/* The plugin's tick, as often as it comes. */
static void runs(unsigned ms)
{
    for (unsigned passed = 0; passed < ms; passed += 100) {
        world_run(world, 100);
        watched_tick(&world->exchange.files);
    }
}

static void telephones_begin(void)
{
    snprintf(path, sizeof path, "%s/telephones", world->folder);
    world->exchange.setting.telephones = path;
    reread_begin(&world->exchange);
    peer_registers(world, agent);
    peer_registers(world, expert);
    runs(200);
    cr_assert(agent->status == 200 && expert->status == 200);
}

enum { LOSES_MS = 62500 }; /* by then a file counts that lacks somebody */

static bool registered(const char *dn)
{
    const struct telephone *telephone = telephones_find(&world->exchange.telephones, dn);
    return telephone && telephone->registered;
}

static unsigned status_with(struct sip_peer *peer, const char *password)
{
    peer->guess = password;
    peer_registers(world, peer);
    runs(200);
    return peer->status;
}

Test(sip_reread, a_changed_password_and_a_new_telephone_take_effect_under_way, .init = begin, .fini = finish)
{
    telephones_begin();
    write_file("7001 changed\n7009 nine\n");
    runs(LOSES_MS);
    cr_assert(registered("7001"), "its registration lasts");
    cr_assert_null(telephones_find(&world->exchange.telephones, "7002"), "it is in the file no more");
    cr_assert_eq(status_with(agent, NULL), 403, "the password of before");
    cr_assert_eq(status_with(agent, "changed"), 200);
    struct sip_peer *fresh = world_peer(world, "127.0.0.3", "7009");
    cr_assert_eq(status_with(fresh, "nine"), 200);
    cr_assert_eq(status_with(expert, NULL), 403);
    const struct cti_dn *gone = dns_find(&world->exchange.cti.dns, "7002");
    cr_assert(gone && gone->state == dn_state_out, "nobody is called there");
}

Test(sip_reread, a_call_outlives_that_its_telephone_is_read_again, .init = begin, .fini = finish)
{
    telephones_begin();
    struct telephone *asked = telephones_find(&world->exchange.telephones, "7001");
    asked->alive.behind = true;
    alive_set(&world->exchange, asked, true);
    agent->deaf = true;
    runs(ALIVE_MS + 500); /* the OPTIONS waits for its answer */
    asked = telephones_find(&world->exchange.telephones, "7001");
    cr_assert_not_null(asked->alive.request);
    write_file("7000 new\n" ALL);
    runs(2500);
    asked = telephones_find(&world->exchange.telephones, "7001");
    cr_assert(asked->registered && !asked->alive.request && asked->alive.due_ms > 0, "it is asked anew in its turn");
    agent->deaf = false;
    runs(35000);
    cr_assert_eq(agent->asked, 2, "the last of the first one, which nobody hears, and the next one in its turn");
}

Test(sip_reread, a_file_that_is_wrong_is_told_and_what_was_before_goes_on, .init = begin, .fini = finish)
{
    telephones_begin();
    write_file("7001 secret\nnonsense\n");
    runs(2500);
    cr_assert(strstr(world->logged, "line 2") && strstr(world->logged, "what was read before goes on"), "%s",
              world->logged);
    cr_assert_eq(status_with(expert, NULL), 200);
    cr_assert_eq(unlink(path), 0);
    *world->logged = '\0';
    runs(2500);
    cr_assert(strstr(world->logged, "No such file"), "%s", world->logged);
    *world->logged = '\0';
    runs(2500);
    cr_assert_str_empty(world->logged, "it is told once");
    cr_assert_eq(status_with(expert, NULL), 200, "a file that is gone changes nothing");
}

Test(sip_reread, a_file_that_is_empty_for_a_while_puts_nobody_out_of_service, .init = begin, .fini = finish)
{
    telephones_begin();
    write_file("");
    runs(2500);
    cr_assert(registered("7001") && registered("7002"));
    cr_assert(strstr(world->logged, "telephones: 6 of 6") && strstr(world->logged, " of before are not in the file"),
              "%s", world->logged);
    write_file("7001 changed\n");
    runs(2500);
    cr_assert(registered("7001") && registered("7002"));
    write_file(ALL);
    runs(2500);
    cr_assert(registered("7001") && registered("7002"));
    runs(LOSES_MS);
    cr_assert(registered("7001") && registered("7002"), "what it lacked a minute ago");
    write_file("");
    runs(LOSES_MS);
    cr_assert_eq(world->exchange.telephones.count, 0, "it is meant so");
}

Test(sip_reread, a_telephone_that_is_deleted_goes_at_the_next_reading_and_its_call_goes_on, .init = begin,
     .fini = finish)
{
    telephones_begin();
    peer_calls(world, caller, "1800");
    runs(200);
    world_route(world, world->exchange.first, "7001");
    runs(200);
    peer_answers(world, agent);
    runs(400);
    cr_assert(caller->state == PEER_UP && agent->state == PEER_UP);
    write_file("7002 secret\n7003 secret\n7004 secret\n7005 secret\n7006 secret\n");
    runs(2500);
    cr_assert_null(telephones_find(&world->exchange.telephones, "7001"));
    cr_assert(registered("7002"));
    cr_assert_eq(peer_hears(caller, false), 1U << agent->number, "they talk on");
    cr_assert_eq(peer_hears(agent, false), 1U << caller->number);
    peer_hangs_up(world, agent);
    runs(200);
    cr_assert_eq(caller->state, PEER_IDLE);
    cr_assert_eq(status_with(agent, NULL), 403);
}

Test(sip_reread, a_file_that_ends_within_a_line_is_not_taken_for_whole, .init = begin, .fini = finish)
{
    telephones_begin();
    write_file("7001 secret\n7002 secret\n7003 secret\n7004 secret\n7005 sec");
    runs(2500);
    cr_assert_not_null(telephones_find(&world->exchange.telephones, "7006"));
    cr_assert(strstr(world->logged, "telephones: 1 of 6"), "%s", world->logged);
}

Test(sip_reread, a_file_that_is_being_written_is_not_read, .init = begin, .fini = finish)
{
    telephones_begin();
    write_file(ALL "7009 ni\n");
    for (unsigned round = 0; round < 4; round++) {
        runs(1000);
        cr_assert_null(telephones_find(&world->exchange.telephones, "7009"), "%u", round);
        write_file(round % 2 ? ALL "7009 ni\n" : ALL "7009 n\n");
    }
    write_file(ALL "7009 nine\n");
    runs(2500);
    cr_assert_not_null(telephones_find(&world->exchange.telephones, "7009"));
}

Test(sip_reread, a_providers_new_password_is_said_and_the_other_registrations_stay, .init = begin, .fini = finish)
{
    struct exchange *exchange = &world->exchange;
    char why[256];
    unsigned trunks = exchange->setting.trunk_count;
    snprintf(path, sizeof path, "%s/providers", world->folder);
    write_file("sip:kim@127.0.0.4:5082 kim old\nsip:lee@127.0.0.4:5082 lee same\n");
    provider->granted = "";
    provider->notes = "REGISTER";
    strcpy(provider->tag, "registrar");
    exchange->setting.providers = path;
    reread_begin(exchange);
    cr_assert(providers_read(&exchange->providers, &exchange->setting, why, sizeof why), "%s", why);
    providers_begin(exchange);
    runs(500);
    cr_assert_eq(provider->noted, 2);
    const struct registration *lee = exchange->providers.all[1]->registration;
    write_file("sip:max@127.0.0.4:5082 max new\nsip:lee@127.0.0.4:5082 lee same\nsip:kim@127.0.0.4:5082 kim new\n");
    runs(2500);
    cr_assert_eq(provider->noted, 4, "of max, of kim anew, and none is taken back: %u", provider->noted);
    cr_assert_eq(exchange->providers.all[1]->registration, lee);
    cr_assert_str_eq(world->logged, "", "nothing is wrong");
    cr_assert_eq(exchange->setting.trunk_count, trunks + 3);
    cr_assert_str_eq(exchange->providers.all[2]->password, "new");
    write_file("sip:kim@127.0.0.4:5082 kim new\n");
    runs(2500);
    cr_assert_eq(provider->noted, 4, "the file may be half written");
    cr_assert(exchange->providers.count == 3 && exchange->setting.trunk_count == trunks + 3);
    runs(LOSES_MS);
    cr_assert_eq(provider->noted, 6, "both that are gone are taken back: %u", provider->noted);
    cr_assert_eq(exchange->setting.trunk_count, trunks + 1);
    write_file("kim\n");
    runs(2500);
    cr_assert(strstr(world->logged, "what was read before goes on"), "%s", world->logged);
    cr_assert_eq(exchange->providers.count, 1);
    providers_end(exchange);
    providers_free(&exchange->providers);
}
