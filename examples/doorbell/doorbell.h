/* doorbell.h - An adapter for entry phones: at each door a bell, a keypad and a loudspeaker, all of them on one
 * station.
 *
 * A visitor who rings is a call at the routing point that is named like the door; what the strategy says is done at the
 * door, until a phone inside has the visitor. doorbell.c keeps the visitors and speaks with the core, station.c speaks
 * with the station. Doors are the routing points that the core names (Configure). One visitor a door at a time, one
 * station: so all is bounded, by DOORS_MAX and by the longest line. */
#pragma once

#include <gcx/gcx_adapter.h>
#include <gcx/message.h>

struct evconnlistener; /* of libevent, as the two below */
struct bufferevent;
struct event;

enum { DOORS_MAX = 64, NAME_SIZE = 65, LINE_LENGTH = 256 };

struct doorbell {
    struct gcx_link *link;
    const struct gcx_services *core;
    struct evconnlistener *listener;
    struct bufferevent *station; /* NULL: not there */
    struct writer writer;
    uint64_t posted;
    unsigned door_count;
    struct door {
        struct doorbell *bell;
        char name[NAME_SIZE], fallback[NAME_SIZE]; /* its DN; the phone for whom the core says nothing of */
        int64_t answer_us, grace_us;
        struct event *alarm;       /* the core has been silent, or away, for so long */
        uint64_t conn, ixn;        /* of the visitor, 0: nobody is there; what the core calls them */
        uint64_t treatment, route; /* effects under way, 0: none */
        uint64_t last;             /* the effect begun last: one that comes again is not begun again */
        uint64_t posted;           /* the event that asked for instructions */
        bool instructed, by_default, inside;
        char phone[NAME_SIZE]; /* inside, that is called or has them */
    } doors[DOORS_MAX];
};

/* station.c: listens on the address, "127.0.0.1:4000"; false where it cannot. */
bool station_open(struct doorbell *, const char *address);
void station_close(struct doorbell *);
/* Says a word and its argument of a door; to nobody, where there is no station. */
void station_tell(const struct door *, const char *word, const char *argument);

/* doorbell.c: what the station has said. A word that does not fit the state of the call came too late, and changes
 * nothing. */
void visitor_rings(struct door *);
void visitor_heard(struct door *, const char *digits); /* a prompt is over; NULL: no digits */
void visitor_gone(struct door *, enum cause);
void phone_answers(struct door *);
void phone_busy(struct door *);
