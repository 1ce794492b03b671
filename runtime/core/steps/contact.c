/* runtime/core/steps/contact.c - Finds the person whom an interaction is to call, and writes the data about this
 * person.
 *
 * A call-back (booking) and a record of a calling list (list_record) are two tables, but a strategy asks for
 * `contact.number` in the same way for both. This file answers from either table; a booking comes first. */
#include "runtime/core/steps/contact.h"

#include "runtime/core/base/state.h"
#include "runtime/core/campaigns/list_record.h"
#include "runtime/core/steps/booking.h"

bool contact_of(const struct core *core, const struct interaction *ix, struct contact *contact)
{
    const struct booking *booking = booking_of(core, ix);
    const struct list_record *record = list_record_of(core->list_records, ix);
    if (booking) {
        *contact = (struct contact){.id = booking->id,
                                    .due_us = booking->due_us,
                                    .attempts = booking->attempts,
                                    .zone = booking->zone,
                                    .campaign = booking->title,
                                    .number = booking_number(booking)};
    } else if (record) {
        *contact = (struct contact){.id = record->record,
                                    .due_us = record->due_us,
                                    .attempts = record->attempts,
                                    .zone = record->zone,
                                    .campaign = record->campaign,
                                    .agent = record->agent,
                                    .number = list_record_number(record)};
    }
    return booking || record;
}

/* Writes the id and returns its length; there is no terminating zero. 20 digits are the most that are needed. */
uint32_t contact_id_text(const struct contact *contact, char out[24])
{
    char reversed[24];
    uint64_t number = contact->id;
    uint32_t length = 0;
    do reversed[length++] = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    for (uint32_t at = 0; at < length; at++) out[at] = reversed[length - 1 - at];
    return length;
}

/* Writes the pairs that go to the agent's desk with the call. What is not known is left out. */
void contact_data(const struct core *core, const struct interaction *ix, struct kv *data)
{
    struct contact who;
    char id[24];
    if (!contact_of(core, ix, &who)) return;
    kv_put_text(data, "contact.id", (struct span){(const uint8_t *)id, contact_id_text(&who, id)});
    kv_put_text(data, "contact.number", who.number);
    kv_put_text(data, "contact.campaign", core_name(core, who.campaign));
    kv_put_int(data, "contact.attempts", who.attempts);
    if (who.zone != 0) kv_put_text(data, "contact.zone", core_name(core, who.zone));
    if (who.agent != 0) kv_put_text(data, "contact.agent", core_name(core, who.agent));
    if (who.due_us != 0) kv_put_time(data, "contact.due", who.due_us);
}
