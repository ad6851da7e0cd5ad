package org.aima.personclustering.core;

/** The two kinds of evidence for a person and where each lives in the data model. */
public enum Modality {
    FACE("face_embeddings", "face_detection"),
    VOICE("voice_embeddings", "speaker_diarization");

    private final String collection;
    private final String analysisType;

    Modality(String collection, String analysisType) {
        this.collection = collection;
        this.analysisType = analysisType;
    }

    /** The embedding collection, and the field of a person that lists its members. */
    public String collection() {
        return collection;
    }

    /** The analysis whose results carry these embeddings. */
    public String analysisType() {
        return analysisType;
    }

    public static Modality ofCollection(String collection) {
        return FACE.collection.equals(collection) ? FACE : VOICE;
    }
}
