// pieces.js - What the server tells of a table by the console's socket.

// A table is given all its rows, in pieces of which the last makes it whole; or the rows that have changed, and the names of
// those that are gone. False: nothing of it was told that could be shown.
export const take = (table, part) => {
    if (!part) return false;
    if (!("whole" in part)) { table.changed(part.rows, part.gone); return true; }
    table.pieces = part.whole ? part.rows : [...table.pieces || [], ...part.rows];
    if (!part.last) return false;
    table.whole(table.pieces);
    table.pieces = null;
    return true;
};
