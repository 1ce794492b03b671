/* runtime/adapters/im/component.c - The connection to the XMPP server.
 *
 *     us                                    server (XEP-0114)
 *      |--- <stream:stream to='im.x'> ------->|
 *      |<-- <stream:stream id='42'> ----------|
 *      |--- <handshake>SHA1(42+secret) ------>|
 *      |<-- <handshake/> ---------------------|   up
 *      |<-- <message>, <presence> ----------->|
 *      |--- <iq> ping to ourselves ---------->|   if nothing was heard for `ping` seconds
 *
 * A stream that has ended is freed by the next tick, since functions that it has called may still be running. */
#include "runtime/adapters/im/component.h"

#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/address.h"
#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapter/resolver.h"
#include "runtime/adapter/settings.h"
#include "runtime/adapter/tls.h"
#include "runtime/adapters/im/stanza.h"
#include "base/memory.h"

enum { COMPONENT_SECOND_US = 1000000, OPENING_S = 10, COMPONENT_UNSENT_MAX = 4 << 20 };

enum component_phase {
    COMPONENT_AWAY,    /* it waits until `next_us` */
    COMPONENT_LOOKING, /* for the server's address */
    COMPONENT_OPENING, /* until the handshake is over */
    COMPONENT_UP,
};

struct component {
    struct gcx_link *link;
    const struct gcx_services *services;
    struct component_setting setting;
    struct component_calls calls;
    struct resolver *resolver;
    struct bufferevent *stream; /* NULL: none */
    struct xml_stream *reader;  /* reads the server's stream */
    enum component_phase phase;
    /* over: the stream has ended, and the next tick frees it; asked: a ping was sent and not answered yet */
    bool over, asked;
    uint64_t next_us, since_us; /* when the next attempt to connect is due; when the phase began */
    uint64_t heard_us;          /* when the server last sent something */
    unsigned failures;          /* failed attempts since the stream was last up */
};

static uint64_t component_now(const struct component *component)
{
    return component->services->now_us(component->link);
}

static void component_becomes(struct component *component, enum component_phase phase)
{
    component->phase = phase;
    component->since_us = component_now(component);
}

char *component_handshake(const char *stream_id, const char *secret)
{
    char *both = g_strconcat(stream_id, secret, NULL);
    char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA1, both, -1);
    g_free(both);
    return digest;
}

/* ---- the end of a stream ---- */

/* 1, 2, 4 ... seconds until the next attempt, up to a quarter less or more, so that several adapters do not connect
 * at the same time. */
static uint64_t component_pause_us(const struct component *component)
{
    uint64_t seconds = component->failures >= 5 ? COMPONENT_PAUSE_MAX : (uint64_t)1 << component->failures;
    return seconds * (COMPONENT_SECOND_US * 3 / 4 + (uint64_t)g_random_int_range(0, COMPONENT_SECOND_US / 2));
}

/* Ends the stream. A function called by the stream may still be running, so the tick frees the stream. May be called
 * twice: the first reason counts. */
static void component_ends(struct component *component, const char *why)
{
    bool was_up = component->phase == COMPONENT_UP;
    if (component->over || component->phase == COMPONENT_AWAY) return;
    component->over = component->stream != NULL;
    component->next_us = component_now(component) + component_pause_us(component);
    component->failures++;
    component_becomes(component, COMPONENT_AWAY);
    component->services->neighbour(component->link, "xmpp", false, why);
    if (was_up) component->calls.down(component->calls.self);
}

static void component_close(struct component *component)
{
    if (component->stream) bufferevent_free(component->stream);
    xml_stream_free(component->reader);
    component->stream = NULL, component->reader = NULL;
    component->over = false;
}

/* ---- what the server sends ---- */

static void component_write(struct component *component, const char *text)
{
    bufferevent_write(component->stream, text, strlen(text));
}

static const char *component_on_opened(void *self, const struct xml_node *stream)
{
    struct component *component = self;
    const char *id = stanza_stream_id(stream);
    if (!id) return "it is no stream of XMPP";
    char *digest = component_handshake(id, secret_text(component->setting.secret));
    char *text = g_strdup_printf("<handshake>%s</handshake>", digest);
    component_write(component, text);
    g_free(text), g_free(digest);
    return NULL;
}

static void component_on_error(struct component *component, const struct xml_node *stanza)
{
    char why[200];
    const char *text = xml_child_text(stanza, "text", NULL);
    const struct xml_node *condition = stanza->first;
    snprintf(why, sizeof why, "the server ends the stream: %s%s%.100s", condition ? condition->name : "no reason",
             *text ? ": " : "", text);
    component_ends(component, why);
}

static void component_on_stanza(void *self, const struct xml_node *stanza)
{
    struct component *component = self;
    if (component->over) return;
    if (strcmp(stanza->name, "error") == 0 && !stanza->skipped) {
        component_on_error(component, stanza);
    } else if (component->phase == COMPONENT_UP) {
        component->calls.came(component->calls.self, stanza);
    } else if (strcmp(stanza->name, "handshake") == 0 && !stanza->skipped) {
        component->failures = 0;
        component_becomes(component, COMPONENT_UP);
        component->services->neighbour(component->link, "xmpp", true, "");
        component->calls.up(component->calls.self);
    } else {
        component_ends(component, "the server speaks before the handshake");
    }
}

static void component_on_closed(void *self)
{
    component_ends(self, "the server has closed the stream");
}

/* ---- the socket ---- */

static void component_on_bytes(struct bufferevent *stream, void *self)
{
    struct component *component = self;
    struct evbuffer *input = bufferevent_get_input(stream);
    char bytes[16384];
    component->heard_us = component_now(component);
    component->asked = false;
    while (!component->over && evbuffer_get_length(input) > 0) {
        int count = evbuffer_remove(input, bytes, sizeof bytes);
        if (count <= 0) return;
        const char *wrong = xml_stream_feed(component->reader, bytes, (size_t)count);
        if (wrong) component_ends(component, wrong);
    }
}

/* Opens the stream; its name space says that this is an external component. */
static void component_greet(struct component *component)
{
    GString *text = g_string_new("<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "
                                 "xmlns:stream='http://etherx.jabber.org/streams'");
    stanza_put_attribute(text, "to", component->setting.domain);
    g_string_append(text, ">");
    component_write(component, text->str);
    g_string_free(text, TRUE);
}

static void component_on_change(struct bufferevent *stream, short what, void *self)
{
    struct component *component = self;
    char why[200];
    if (component->over) return;
    if (what & BEV_EVENT_CONNECTED) {
        address_watch_peer(bufferevent_getfd(stream));
        component_greet(component);
        return;
    }
    if (what & BEV_EVENT_EOF)
        snprintf(why, sizeof why, "the server has closed the connection");
    else
        tls_why(stream, why, sizeof why);
    component_ends(component, why);
}

static void component_on_address(void *self, const struct address *address, const char *why)
{
    struct component *component = self;
    struct xml_calls calls = {component, component_on_opened, component_on_stanza, component_on_closed};
    if (!address) {
        component_ends(component, why);
        return;
    }
    assert(!component->stream); /* the tick has freed the last stream before it connects */
    component->stream = bufferevent_socket_new(component->services->base(component->link), -1, BEV_OPT_CLOSE_ON_FREE);
    component->reader = xml_stream_new(&stanza_bounds, &calls);
    component_becomes(component, COMPONENT_OPENING);
    bufferevent_setcb(component->stream, component_on_bytes, NULL, component_on_change, component);
    bufferevent_enable(component->stream, EV_READ | EV_WRITE);
    if (bufferevent_socket_connect(component->stream, (const struct sockaddr *)&address->socket, address->length) != 0)
        component_ends(component, "it cannot be reached");
}

/* ---- time ---- */

/* Asks whether the server is there, by a ping to this component itself, which any server can pass on. */
static void component_ask(struct component *component)
{
    GString *text = g_string_new("<iq type='get' id='there'");
    stanza_put_attribute(text, "from", component->setting.domain);
    stanza_put_attribute(text, "to", component->setting.domain);
    g_string_append(text, "><ping xmlns='urn:xmpp:ping'/></iq>");
    component->asked = true;
    component_send(component, text->str);
    g_string_free(text, TRUE);
}

/* Does what is due each second: a server that answers nothing for twice the time of a ping is given up. */
void component_tick(struct component *component)
{
    uint64_t now_us = component_now(component), ping_us = component->setting.ping * COMPONENT_SECOND_US;
    if (component->over) component_close(component);
    if (component->phase == COMPONENT_AWAY && now_us >= component->next_us) {
        component_becomes(component, COMPONENT_LOOKING);
        resolver_begin(component->resolver, component->setting.server);
    } else if (component->phase == COMPONENT_OPENING &&
               now_us - component->since_us > (uint64_t)OPENING_S * COMPONENT_SECOND_US) {
        component_ends(component, "the server does not answer");
    } else if (component->phase == COMPONENT_UP && now_us - component->heard_us > 2 * ping_us) {
        component_ends(component, "the server is silent");
    } else if (component->phase == COMPONENT_UP && now_us - component->heard_us > ping_us && !component->asked) {
        component_ask(component);
    }
}

bool component_is_up(const struct component *component)
{
    return component->phase == COMPONENT_UP;
}

/* False: the stanza was not accepted. True only means that the stanza is on its way: XMPP has no receipt for it. */
bool component_send(struct component *component, const char *stanza)
{
    if (component->phase != COMPONENT_UP) return false;
    if (evbuffer_get_length(bufferevent_get_output(component->stream)) > COMPONENT_UNSENT_MAX) {
        component_ends(component, "the server does not read");
        return false;
    }
    component_write(component, stanza);
    return true;
}

/* ---- start and end ---- */

struct component *component_new(struct gcx_link *link, const struct gcx_services *services,
                                const struct component_setting *setting, const struct component_calls *calls)
{
    struct component *component = memory_zeroed(1, sizeof *component);
    *component = (struct component){.link = link, .services = services, .setting = *setting, .calls = *calls};
    component->resolver = resolver_new(services->base(link), component_on_address, component);
    return component;
}

/* Frees the component. The socket may not take all bytes at once: the rest is lost. */
void component_free(struct component *component)
{
    if (!component) return;
    if (component->phase == COMPONENT_UP) {
        component_write(component, "</stream:stream>");
        evbuffer_write(bufferevent_get_output(component->stream), bufferevent_getfd(component->stream));
    }
    component_close(component);
    resolver_free(component->resolver);
    free(component);
}
