/* tests/unit/desk_phone.c - A T-Server that reads nothing: who has asked it for something is told so. */
#include <criterion/criterion.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/desk/phone.h"

TestSuite(desk_phone, .timeout = 30);

enum { REQUESTS = 4000 };

static unsigned asked, away, lost;

void agent_reply(struct desk_agent *agent, uint64_t ticket, json_int_t id, const char *code, const char *text,
                 json_t *more)
{
    (void)agent, (void)ticket, (void)text, (void)more;
    if (id != 0 && strcmp(code, "away") == 0) away++;
}

uint64_t desk_now_us(const struct desk *desk)
{
    (void)desk;
    return 0;
}

/* As the connection's owner does (phone.c). */
static void on_event(struct bufferevent *stream, short what, void *self)
{
    struct phone *phone = self;
    cr_expect(phone->stream == stream && (what & BEV_EVENT_TIMEOUT));
    lost++;
    phone_close(phone, "", "");
}

static struct phone *phone_of(struct desk_agent *agent, struct bufferevent *stream)
{
    struct phone *phone = calloc(1, sizeof *phone);
    cr_assert_not_null(phone);
    *phone = (struct phone){.agent = agent, .stream = stream, .ready = true};
    phone->asked = json_object(), phone->calls = json_object(), phone->lost = json_object();
    phone->own = json_object(), phone->parted = json_object(), phone->mutes = json_object();
    bufferevent_setcb(stream, NULL, NULL, on_event, phone);
    return phone;
}

Test(desk_phone, who_asks_a_switch_that_reads_nothing_hears_that_it_is_away)
{
    struct event_base *base = event_base_new();
    struct desk_agent agent = {.name = "marie"};
    struct bufferevent *ends[2];
    char long_note[1000] = "";
    memset(long_note, 'x', sizeof long_note - 1);
    cr_assert_eq(bufferevent_pair_new(base, BEV_OPT_DEFER_CALLBACKS, ends), 0);
    struct phone *phone = phone_of(&agent, ends[0]);
    bufferevent_disable(ends[0], EV_WRITE); /* the other end takes nothing */
    while (asked < REQUESTS) phone_ask_switch(phone, "RequestNote", json_pack("{s:s}", "Note", long_note), ++asked);
    cr_expect_eq(away, 0, "nobody is told within a request of their own");
    cr_expect_gt(evbuffer_get_length(bufferevent_get_output(ends[0])), 500 * sizeof long_note, "what came first waits");
    event_base_loop(base, EVLOOP_NONBLOCK);
    cr_expect_eq(lost, 1, "%u", lost);
    cr_expect_eq(away, asked, "%u of %u", away, asked);
    phone_free(phone);
    bufferevent_free(ends[1]);
    event_base_free(base);
}
