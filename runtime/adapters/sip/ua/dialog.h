/* runtime/adapters/sip/ua/dialog.h - A dialog: two tags, a Call-ID, the route to the peer (RFC 3261, section 12).
 *
 *     an INVITE goes out:   dialog_new() --- its 200 ---> dialog_establish()
 *     an INVITE comes:      dialog_accept()
 *     a Contact changes:    dialog_follow()
 *
 * A request outside of any call uses a dialog, too, for its addresses, Call-ID and CSeq. */
#pragma once

#include "runtime/adapters/sip/ua/ua.h"

struct dialog {
    char *call_id;
    char own_tag[UA_WORD];
    char *peer_tag; /* the peer's tag; NULL: it is not known yet */
    char *target;   /* the URI at which the peer is reached */
    char *perhaps;  /* another URI at which the peer may be now; NULL: none */
    char *routes;   /* the header lines Route; "": there is no proxy */
    char *first;    /* the URI of the first proxy, where requests are sent; NULL: the target */
    char *strict;   /* the first proxy's URI if that is a strict router (RFC 2543); NULL: not */
    char *to, *from;
    uint32_t own_number, peer_number; /* CSeq of our next request, and of the peer's last one */
};

/* `name`: NULL: none. `route`: the URI of a proxy; NULL: none. */
struct dialog *dialog_new(const char *target, const char *to, const char *name, const char *from, const char *route);
/* Makes the dialog of a peer's INVITE; NULL: the INVITE has no readable Contact. */
struct dialog *dialog_accept(struct ua *, const struct sip_msg *invite);
/* Makes the dialog of a second 200 to an INVITE of ours, only to end it. */
struct dialog *dialog_of_fork(struct ua *, const struct sip_msg *answer);
/* Takes over the peer of an answer. False: the answer has no readable Contact. Requests then go to the address from
 * which the answer came. */
bool dialog_establish(struct ua *, struct dialog *, const struct sip_msg *answer);
void dialog_follow(struct ua *, struct dialog *, const struct sip_msg *);
/* Moves the dialog's peer from the address `from` to another transport and address; `surely` false: it may be there.
 * False: the peer was not reached at `from`. */
bool dialog_move(struct ua *, struct dialog *, const struct sa *from, const struct way *, bool surely);
/* Makes `perhaps` the target. False: there is none. */
bool dialog_go_elsewhere(struct dialog *);
void dialog_free(struct dialog *); /* NULL: nothing */
bool dialog_is(const struct dialog *, const struct sip_msg *);
/* Takes the CSeq of a peer's request. False: the request is older than one that came before. */
bool dialog_counts(struct dialog *, const struct sip_msg *request);
/* The URI to which requests of the dialog are sent. */
const char *dialog_next(const struct dialog *);
/* The URI for the request line: the target, or a strict router; then the target is the last Route (RFC 3261, section
 * 12.2.1.1). */
const char *dialog_uri(const struct dialog *);
/* All lines of Route. */
void dialog_print_routes(struct mbuf *, const struct dialog *);
/* Writes Route, To, From, Call-ID and CSeq; `number` is that of the CSeq, 0: the dialog's next number. */
void dialog_print(struct mbuf *, struct dialog *, const char *method, uint32_t number);
