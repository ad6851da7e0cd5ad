package org.aima.dossier.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.aima.jobs.model.BsonBytes;

/**
 * The same content computed in one go from all that is known, for one dossier at a time: to explain
 * and to check what was published. Memory is everything that was added.
 */
public final class DossierRecount {
    private final AggregationRules rules;
    private final Map<String, Detection> live = new HashMap<>();
    private final Map<String, Detection> archived = new HashMap<>();
    private final List<Facet> loose = new ArrayList<>();
    private final List<PersonMembers> persons = new ArrayList<>();
    private final List<PersonAlias> aliases = new ArrayList<>();
    private final Map<String, MediumInfo> media = new HashMap<>();

    public DossierRecount(AggregationRules rules) {
        this.rules = rules;
    }

    public void add(Detection result) {
        if (result.problem().isEmpty()) {
            live.merge(result.resultId(), result, ResultAttribution::first);
        }
    }

    public void add(ArchivedResults summary) {
        for (Detection result : summary.results()) {
            archived.merge(result.resultId(), result, ResultAttribution::first);
        }
        loose.addAll(List.of(summary.facets()));
    }

    public void add(PersonMembers person) {
        persons.add(person);
    }

    public void add(PersonAlias alias) {
        aliases.add(alias);
    }

    public void add(MediumInfo medium) {
        media.put(medium.mediaId(), medium);
    }

    /** Every result of a medium with its person, in order of id. */
    public List<Detection> results(Set<String> mediaIds) {
        Map<String, String> owners = new HashMap<>();
        AliasTable table = new AliasTable(aliases);
        for (PersonMembers person : persons) {
            String current = table.current(person.personId());
            for (String result : person.results()) {
                owners.merge(result, current, ResultAttribution::person);
            }
        }
        Set<String> ids = new HashSet<>(live.keySet());
        ids.addAll(archived.keySet());
        Map<String, Detection> found = new TreeMap<>();
        for (String id : ids) {
            Detection result =
                    ResultAttribution.resolve(live.get(id), archived.get(id), owners.get(id));
            if (result != null && mediaIds.contains(result.mediaId())) {
                found.put(id, result);
            }
        }
        return List.copyOf(found.values());
    }

    /**
     * What a rebuild would publish of a dossier.
     *
     * @param pages to be stored before it
     */
    public record Rebuilt(DossierWrite write, List<AppearancePage> pages) {}

    /** What a rebuild would make of the dossier. */
    public DossierWrite rebuild(StoredDossier dossier) {
        return rebuilt(dossier).write();
    }

    /** The same with its pages. */
    public Rebuilt rebuilt(StoredDossier dossier) {
        Set<String> listed = Set.of(dossier.mediaIds());
        Map<String, Map<String, Facet>> byMedium = new TreeMap<>();
        results(listed).forEach(result -> Facet.of(result).forEach(f -> fold(byMedium, listed, f)));
        loose.forEach(f -> fold(byMedium, listed, f));
        AliasTable table = new AliasTable(aliases);
        persons.forEach(
                p -> {
                    for (Facet spans : p.as(table.current(p.personId())).remembered()) {
                        fold(byMedium, listed, spans);
                    }
                });
        DossierSums sums = DossierSums.nothing();
        Map<String, List<ItemPart>> parts = new TreeMap<>();
        for (String mediaId : dossier.mediaIds()) {
            MediumAnalysis analysis =
                    new MediumAnalysis(
                            mediaId,
                            media.get(mediaId),
                            byMedium.getOrDefault(mediaId, Map.of()).values(),
                            rules);
            sums = sums.plus(analysis.medium());
            for (ItemPart part : analysis.items()) {
                parts.computeIfAbsent(part.kind() + "\0" + part.subject(), k -> new ArrayList<>())
                        .add(part);
            }
        }
        Map<String, DossierItem> items = new TreeMap<>();
        parts.forEach((key, list) -> items.put(key, DossierItem.of(dossier.dossierId(), list)));
        Ranking ranking =
                new Ranking(
                        dossier.dossierId(),
                        sums,
                        items.values().stream().map(DossierItem::sums).toList(),
                        DossierComposer.room(BsonBytes.decode(dossier.document())),
                        rules);
        ItemWriter writer = new ItemWriter(rules);
        List<Section> sections = new ArrayList<>();
        for (Verdict verdict : ranking.verdicts()) {
            DossierItem item = items.get(verdict.kind() + "\0" + verdict.subject());
            if (item != null) {
                sections.add(writer.write(item, verdict));
            }
        }
        List<AppearancePage> pages = new ArrayList<>();
        sections.forEach(s -> pages.addAll(List.of(s.pages())));
        return new Rebuilt(DossierComposer.compose(dossier, ranking.metadata(), sections), pages);
    }

    private void fold(Map<String, Map<String, Facet>> byMedium, Set<String> listed, Facet facet) {
        if (listed.contains(facet.mediaId())) {
            byMedium.computeIfAbsent(facet.mediaId(), m -> new HashMap<>())
                    .merge(facet.key(), facet, (a, b) -> a.plus(b, rules.gapMillis()));
        }
    }
}
