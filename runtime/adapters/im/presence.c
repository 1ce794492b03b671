/* runtime/adapters/im/presence.c - Keeps the last presence that each client of a person has sent.
 *
 *     client      show     priority
 *     phone       away     0
 *     desk        -        5          the highest priority counts; a negative one never does (RFC 6121, 4.7.2.3)
 *
 * An agent may have several clients; the agent's state is that of the client to which the server would send
 * messages. */
#include "runtime/adapters/im/presence.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/im/stanza.h"
#include "base/memory.h"

struct presence_client {
    char *resource;
    char show[8];
    int priority;
};

static const struct presence_row {
    const char *show;
    struct presence_state means;
} presence_rows[] = {
#define PRESENCE(show, state, reason, doc) {show, {agent_state_##state, reason}},
#include "runtime/adapters/im/presence.def"
};

static void presence_client_free(gpointer given)
{
    struct presence_client *client = given;
    g_free(client->resource);
    free(client);
}

void presence_init(struct presence *presence)
{
    presence->clients = g_ptr_array_new_with_free_func(presence_client_free);
}

void presence_free(struct presence *presence)
{
    g_ptr_array_free(presence->clients, TRUE);
}

void presence_clear(struct presence *presence)
{
    g_ptr_array_set_size(presence->clients, 0);
}

static void presence_drop(struct presence *presence, const char *resource)
{
    for (unsigned i = 0; i < presence->clients->len; i++)
        if (strcmp(((struct presence_client *)presence->clients->pdata[i])->resource, resource) == 0) {
            g_ptr_array_remove_index(presence->clients, i);
            return;
        }
}

/* Reads a priority, a number from -128 to 127; anything else is 0. */
static int presence_priority(const char *text)
{
    char *end;
    gint64 number = g_ascii_strtoll(text, &end, 10);
    while (g_ascii_isspace(*end)) end++;
    return *end || number < -128 || number > 127 ? 0 : (int)number;
}

static void presence_put(struct presence *presence, const char *resource, const struct xml_node *stanza)
{
    if (presence->clients->len >= PRESENCE_RESOURCES) return;
    struct presence_client *client = memory_zeroed(1, sizeof *client);
    client->resource = g_strdup(resource);
    g_strlcpy(client->show, xml_child_text(stanza, "show", NULL), sizeof client->show);
    client->priority = presence_priority(xml_child_text(stanza, "priority", NULL));
    g_ptr_array_add(presence->clients, client);
}

/* Takes a presence. A server that cannot reach the person, or does not tell this plugin, answers with an error:
 * nobody is there. Without a resource the stanza is about all clients of the person. False: the stanza changes
 * nothing. */
bool presence_take(struct presence *presence, const char *resource, const struct xml_node *stanza)
{
    const char *type = xml_attribute(stanza, "type");
    bool there = !type, gone = type && (strcmp(type, "unavailable") == 0 || strcmp(type, "error") == 0 ||
                                        strcmp(type, "unsubscribed") == 0);
    if (!there && !gone) return false;
    if (gone && !*resource)
        presence_clear(presence);
    else
        presence_drop(presence, resource);
    if (there) presence_put(presence, resource, stanza);
    return true;
}

static struct presence_state presence_means(const char *show)
{
    unsigned i = 0;
    while (i + 1 < G_N_ELEMENTS(presence_rows) && strcmp(presence_rows[i].show, show) != 0) i++;
    return presence_rows[i].means;
}

/* Returns the person's state; without a client it is that of the row "-". */
struct presence_state presence_state(const struct presence *presence)
{
    const struct presence_client *best = NULL;
    for (unsigned i = 0; i < presence->clients->len; i++) {
        const struct presence_client *client = presence->clients->pdata[i];
        if (client->priority >= 0 && (!best || client->priority >= best->priority)) best = client;
    }
    return presence_means(best ? best->show : "-");
}
