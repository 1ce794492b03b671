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

struct evconnlistener; /* these three are libevent's */
struct bufferevent;
struct event;

enum { DOORS_MAX = 64, NAME_SIZE = 65, LINE_LENGTH = 256 };

struct doorbell {
    struct gcx_link *link;
    const struct gcx_services *core;
    struct evconnlistener *listener;
    struct bufferevent *station; /* the connection to the station; NULL: none */
    struct writer writer;
    uint64_t posted;
    unsigned door_count;
    struct door {
        struct doorbell *bell;
        /* The door's DN; the phone to call for a visitor whom the core does not route. */
        char name[NAME_SIZE], fallback[NAME_SIZE];
        int64_t answer_us, grace_us;
        struct event *alarm; /* the timer for a core that is silent or away */
        uint64_t conn, ixn;  /* the visitor's connection, 0: nobody is there; the core's number of the interaction */
        uint64_t treatment, route; /* the effects under way; 0: none */
        uint64_t last;             /* the effect begun last, which is not begun again when it is repeated */
        uint64_t posted;           /* the event that asked for instructions */
        bool instructed, by_default, inside;
        char phone[NAME_SIZE]; /* the phone inside that is called or talks to the visitor */
    } doors[DOORS_MAX];
};

/* station.c: listens on the address, "127.0.0.1:4000"; false where it cannot. */
bool station_open(struct doorbell *, const char *address);
void station_close(struct doorbell *);
/* Sends the station a word and its argument for a door; does nothing where there is no station. */
void station_tell(const struct door *, const char *word, const char *argument);

/* doorbell.c: handles a word that the station has sent. One that does not fit the state of the call came too late, and
 * changes nothing. */
void visitor_rings(struct door *);
void visitor_heard(struct door *, const char *digits); /* a prompt is over; NULL: no digits */
void visitor_gone(struct door *, enum cause);
void phone_answers(struct door *);
void phone_busy(struct door *);
