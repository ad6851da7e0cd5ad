package org.aima.dossier.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What one medium contributes to every dossier that lists it; computed once, however many there
 * are. Memory is the facets of the medium.
 */
public final class MediumAnalysis {
    private static final String[] NOTHING = {};

    private final AggregationRules rules;
    private final MediumInfo info;
    private final boolean found;
    private final boolean still;
    private final Map<String, Facet> screen = new TreeMap<>();
    private final Map<String, Facet> speech = new TreeMap<>();
    private final Map<String, long[]> remembered = new TreeMap<>();
    private final List<Facet> others = new ArrayList<>();

    /**
     * @param facets one for each kind and subject
     * @param info null when there is no such medium
     */
    public MediumAnalysis(
            String mediaId,
            @Nullable MediumInfo info,
            Collection<Facet> facets,
            AggregationRules rules) {
        this.rules = rules;
        this.found = info != null;
        this.info = info == null ? MediumInfo.missing(mediaId) : info;
        this.still = this.info.type().equals(MediumInfo.IMAGE);
        for (Facet facet : facets) {
            switch (facet.kind()) {
                case SCREEN -> screen.put(facet.subject(), facet);
                case SPEECH -> speech.put(facet.subject(), facet);
                case REMEMBERED -> remembered.put(facet.subject(), facet.spans());
                case TYPE, OBJECT, SCENE, TAG -> others.add(facet);
            }
        }
        recall(screen, Map.of());
        recall(speech, screen);
    }

    // A summary of archived results does not say when each of them was, the person does, for faces
    // and voices together; where both are archived they are taken for faces.
    private void recall(Map<String, Facet> facets, Map<String, Facet> before) {
        for (Map.Entry<String, Facet> entry : facets.entrySet()) {
            Facet facet = entry.getValue();
            long[] spans = remembered.get(entry.getKey());
            Facet face = before.get(entry.getKey());
            if (facet.archived() > 0 && spans != null && (face == null || face.archived() == 0)) {
                entry.setValue(
                        facet.plus(
                                Facet.bare(facet.mediaId(), facet.kind(), facet.subject(), spans),
                                rules.gapMillis()));
            }
        }
    }

    /** Counts for the dossiers' metadata. */
    public MediumPart medium() {
        List<TypeCount> types = new ArrayList<>();
        long transcribed = 0;
        for (Facet facet : others) {
            if (facet.kind() == FacetKind.TYPE) {
                types.add(
                        new TypeCount(
                                facet.subject(),
                                facet.results(),
                                facet.archived(),
                                facet.confidences(),
                                facet.confidenceSum(),
                                facet.confidenceMin(),
                                facet.confidenceMax()));
                transcribed += Spans.length(facet.spans());
            }
        }
        types.sort(Comparator.comparing(TypeCount::type));
        return new MediumPart(info, found, types.toArray(TypeCount[]::new), transcribed);
    }

    /** The medium's part of each item, in a fixed order. */
    public List<ItemPart> items() {
        List<ItemPart> items = new ArrayList<>();
        Set<String> persons = new TreeSet<>(screen.keySet());
        persons.addAll(speech.keySet());
        persons.forEach(p -> items.add(person(p)));
        coAppearances(items);
        for (Facet facet : speech.values()) {
            long[] stretches = Spans.atLeast(spans(facet), rules.speechMillis());
            if (stretches.length > 0) {
                items.add(item(ItemKind.SPEECH, facet, stretches, Spans.length(stretches)));
            }
        }
        for (Facet facet : others) {
            switch (facet.kind()) {
                case OBJECT -> items.add(item(ItemKind.OBJECT, facet));
                case SCENE -> items.add(item(ItemKind.SCENE, facet));
                case TAG -> items.add(item(ItemKind.TAG, facet));
                case TYPE, SCREEN, SPEECH, REMEMBERED -> {
                    // Counted, or told of already.
                }
            }
        }
        return items;
    }

    private long[] spans(Facet facet) {
        return still ? Spans.NONE : facet.spans();
    }

    private long extent(@Nullable Facet facet) {
        return facet == null
                ? 0
                : DossierFormulas.extent(spans(facet), facet.untimed(), still, rules);
    }

    private ItemPart item(ItemKind kind, Facet facet) {
        return item(kind, facet, spans(facet), extent(facet));
    }

    private static ItemPart item(ItemKind kind, Facet facet, long[] spans, long extent) {
        return new ItemPart(
                kind,
                facet.subject(),
                facet.mediaId(),
                spans,
                extent,
                0,
                0,
                facet.results(),
                facet.archived(),
                facet.confidences(),
                facet.confidenceSum(),
                0,
                0,
                facet.samples(),
                facet.archives());
    }

    private ItemPart person(String personId) {
        Facet face = screen.get(personId);
        Facet voice = speech.get(personId);
        Facet nobody = Facet.bare(info.mediaId(), FacetKind.SCREEN, personId, Spans.NONE);
        Facet both =
                (face == null ? nobody : face)
                        .plus(voice == null ? nobody : voice, rules.gapMillis());
        long sizes = face == null || info.frameSize() == 0 ? 0 : face.sizes();
        return new ItemPart(
                ItemKind.PERSON,
                personId,
                info.mediaId(),
                spans(both),
                extent(both),
                extent(face),
                extent(voice),
                both.results(),
                both.archived(),
                both.confidences(),
                both.confidenceSum(),
                sizes,
                sizes == 0 || face == null
                        ? 0
                        : DossierFormulas.prominence(face.sizeSum(), sizes, info.frameSize()),
                both.samples(),
                both.archives());
    }

    private void coAppearances(List<ItemPart> items) {
        List<Facet> seen = new ArrayList<>(screen.values());
        seen.sort(Comparator.comparingLong(this::extent).reversed().thenComparing(Facet::subject));
        List<Facet> longest =
                new ArrayList<>(seen.subList(0, Math.min(seen.size(), rules.companions())));
        longest.sort(Comparator.comparing(Facet::subject));
        for (int i = 0; i < longest.size(); i++) {
            for (int j = i + 1; j < longest.size(); j++) {
                Facet a = longest.get(i);
                Facet b = longest.get(j);
                long[] together = Spans.intersect(spans(a), spans(b));
                long extent = still ? rules.stillMillis() : Spans.length(together);
                if (extent > 0) {
                    items.add(together(a, b, together, extent));
                }
            }
        }
    }

    private static ItemPart together(Facet a, Facet b, long[] spans, long extent) {
        Facet lesser =
                DossierFormulas.confidence(a.confidenceSum(), a.confidences())
                                <= DossierFormulas.confidence(b.confidenceSum(), b.confidences())
                        ? a
                        : b;
        long confidence =
                lesser.confidences() == 0
                        ? FixedPoint.ONE
                        : Math.round((double) lesser.confidenceSum() / lesser.confidences());
        return new ItemPart(
                ItemKind.CO_APPEARANCE,
                a.subject() + ItemPart.AND + b.subject(),
                a.mediaId(),
                spans,
                extent,
                0,
                0,
                a.results() + b.results(),
                a.archived() + b.archived(),
                extent,
                extent * confidence,
                0,
                0,
                joined(a.samples(), b.samples()),
                joined(a.archives(), b.archives()));
    }

    private static String[] joined(String[] a, String[] b) {
        return a.length == 0 && b.length == 0 ? NOTHING : Facet.first(a, b);
    }
}
