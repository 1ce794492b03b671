/* station.c - The station: one TCP connection, on which both sides speak lines, the door's name first.
 *
 *   station:  DOOR ring    DOOR said    DOOR keys [DIGITS]    DOOR talking    DOOR busy    DOOR gone
 *   adapter:  DOOR say PROMPT    DOOR ask PROMPT    DOOR call PHONE    DOOR bye CAUSE */
#include "doorbell.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* Without a station nothing is said: the visitors of a lost station are gone already. */
void station_tell(const struct door *door, const char *word, const char *argument)
{
    if (!door->bell->station) return;
    evbuffer_add_printf(bufferevent_get_output(door->bell->station), "%s %s %s\n", door->name, word, argument);
}

static void station_take_line(struct doorbell *bell, char *line)
{
    char *rest = line, *name = strsep(&rest, " "), *word = strsep(&rest, " ");
    struct door *door = bell->doors, *end = bell->doors + bell->door_count;
    while (door < end && strcmp(door->name, name) != 0) door++;
    if (door == end || !word)
        bell->core->log(bell->link, GCX_LOG_WARNING, 0, 0,
                        "what the station says is not: DOOR WORD, a door being a DN");
    else if (strcmp(word, "ring") == 0)
        visitor_rings(door);
    else if (strcmp(word, "said") == 0)
        visitor_heard(door, "");
    else if (strcmp(word, "keys") == 0)
        visitor_heard(door, rest && rest[strspn(rest, "0123456789*#")] == 0 && *rest != 0 ? rest : NULL);
    else if (strcmp(word, "talking") == 0)
        phone_answers(door);
    else if (strcmp(word, "busy") == 0)
        phone_busy(door);
    else if (strcmp(word, "gone") == 0)
        visitor_gone(door, door->inside ? cause_ok : cause_abandoned);
}

/* Nobody knows any more who stands at the doors, so each visitor is told to the core as gone. */
static void station_lost(struct doorbell *bell)
{
    if (!bell->station) return;
    bufferevent_free(bell->station);
    bell->station = NULL;
    for (unsigned i = 0; i < bell->door_count; i++) visitor_gone(&bell->doors[i], cause_dropped);
    bell->core->peer(bell->link, "station", false);
}

/* Only whole lines are taken. A line that is too long for any of ours ends the connection, so that memory is
 * bounded. */
static void station_on_input(struct bufferevent *station, void *self)
{
    struct evbuffer *input = bufferevent_get_input(station);
    char *line;
    while ((line = evbuffer_readln(input, NULL, EVBUFFER_EOL_CRLF))) {
        station_take_line(self, line);
        free(line);
    }
    if (evbuffer_get_length(input) > LINE_LENGTH) station_lost(self); /* not of ours */
}

static void station_on_end(struct bufferevent *station, short what, void *self)
{
    (void)station, (void)what;
    station_lost(self);
}

static void on_station(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *from, int size, void *self)
{
    struct doorbell *bell = self;
    (void)listener, (void)from, (void)size;
    station_lost(bell); /* it has started anew */
    bell->station = bufferevent_socket_new(bell->core->base(bell->link), fd, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(bell->station, station_on_input, NULL, station_on_end, bell);
    bufferevent_setwatermark(bell->station, EV_READ, 0, 2 * LINE_LENGTH);
    bufferevent_enable(bell->station, EV_READ | EV_WRITE);
    bell->core->peer(bell->link, "station", true);
}
bool station_open(struct doorbell *bell, const char *address)
{
    struct sockaddr_storage socket;
    int length = sizeof socket;
    if (evutil_parse_sockaddr_port(address, (struct sockaddr *)&socket, &length) != 0) return false;
    bell->listener = evconnlistener_new_bind(bell->core->base(bell->link), on_station, bell,
                                             LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_EXEC, 1,
                                             (struct sockaddr *)&socket, length);
    if (!bell->listener) return false;
    socklen_t size = sizeof socket; /* no port: the kernel has chosen one */
    getsockname(evconnlistener_get_fd(bell->listener), (struct sockaddr *)&socket, &size);
    bell->core->log(bell->link, GCX_LOG_INFO, 0, 0, "the station's port is %u",
                    ntohs(((struct sockaddr_in *)&socket)->sin_port)); /* an IPv6 address has it in the same place */
    return true;
}

void station_close(struct doorbell *bell)
{
    if (bell->station) bufferevent_free(bell->station);
    if (bell->listener) evconnlistener_free(bell->listener);
}
