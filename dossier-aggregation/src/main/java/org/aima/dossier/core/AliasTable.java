package org.aima.dossier.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Follows ids that were merged, and merged again, to the one that holds now. */
public final class AliasTable {
    private final Map<String, String> next = new TreeMap<>();

    public AliasTable(Collection<PersonAlias> aliases) {
        // Of two aliases of one id, a mistake, the smaller holds, whatever the order.
        aliases.forEach(
                a -> next.merge(a.oldId(), a.newId(), (x, y) -> x.compareTo(y) <= 0 ? x : y));
    }

    /** The id that holds now; of ids that lead back to each other the smallest. */
    public String current(String id) {
        List<String> path = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        String at = id;
        while (next.containsKey(at) && seen.add(at)) {
            path.add(at);
            at = next.get(at);
        }
        if (!seen.contains(at)) {
            return at;
        }
        return path.subList(path.indexOf(at), path.size()).stream().sorted().findFirst().orElse(at);
    }

    /** Every id that is not the current one, with the current one. */
    public List<PersonAlias> resolved() {
        return next.keySet().stream()
                .map(id -> new PersonAlias(id, current(id)))
                .filter(a -> !a.oldId().equals(a.newId()))
                .toList();
    }
}
