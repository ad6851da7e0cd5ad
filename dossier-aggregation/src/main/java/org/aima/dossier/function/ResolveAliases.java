package org.aima.dossier.function;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.aima.dossier.core.AliasTable;
import org.aima.dossier.core.PersonAlias;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/** Follows chains of aliases to their ends. One task; memory is all aliases. */
public final class ResolveAliases extends AbstractStreamOperator<PersonAlias>
        implements OneInputStreamOperator<PersonAlias, PersonAlias>, BoundedOneInput {
    private static final long serialVersionUID = 1L;

    private transient @Nullable List<PersonAlias> aliases;

    @Override
    public void open() throws Exception {
        super.open();
        aliases = new ArrayList<>();
    }

    @Override
    public void processElement(StreamRecord<PersonAlias> record) {
        Objects.requireNonNull(aliases).add(record.getValue());
    }

    @Override
    public void endInput() {
        new AliasTable(Objects.requireNonNull(aliases))
                .resolved()
                .forEach(a -> output.collect(new StreamRecord<>(a)));
    }
}
