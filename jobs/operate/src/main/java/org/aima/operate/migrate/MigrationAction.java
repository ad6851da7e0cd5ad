package org.aima.operate.migrate;

/** One step of a migration; applying it again after success or in the middle changes nothing. */
public sealed interface MigrationAction permits MongoAction, VectorAction, ObjectAction, RunAction {

    /** What it does, for a person. */
    String describe();

    /** Does it; the stores are opened when first asked for. */
    void apply(MigrationTargets targets);
}
