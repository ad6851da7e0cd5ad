package org.aima.testkit.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import org.aima.stores.EmbeddingStore;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.restartstrategy.RestartStrategies;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.source.SourceFunction;
import org.junit.jupiter.api.Test;

/** The rules on the shared modules, and on classes that break one each. */
class ArchitectureTest {
    private static final JavaClasses MAIN =
            ArchitectureRules.mainClasses("org.aima.jobs", "org.aima.stores", "org.aima.testkit");

    @Test
    void kernelStoresAndTestkitKeepTheRules() {
        assertThat(MAIN.contain(EmbeddingStore.class)).isTrue();
        assertThatCode(() -> ArchitectureRules.checkAll(MAIN)).doesNotThrowAnyException();
    }

    private static void assertCaught(ArchRule rule, Class<?> offender) {
        JavaClasses classes = new ClassFileImporter().importClasses(offender);
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> rule.check(classes))
                .withMessageContaining(offender.getSimpleName());
    }

    @Test
    void creatingAnEnvironmentElsewhereIsCaught() {
        assertCaught(ArchitectureRules.onlyLaunchExecutes(), CreatesEnvironment.class);
    }

    @Test
    void executingElsewhereIsCaught() {
        assertCaught(ArchitectureRules.onlyLaunchExecutes(), Executes.class);
    }

    @Test
    void removedMethodIsCaught() {
        assertCaught(ArchitectureRules.noApiThatFlink2Removed(), CallsRemovedMethod.class);
    }

    @Test
    void removedTypeIsCaught() {
        assertCaught(ArchitectureRules.noApiThatFlink2Removed(), RemovedSource.class);
    }

    @Test
    void oldOpenIsCaught() {
        assertCaught(ArchitectureRules.noDeprecatedFlinkOverrides(), OldOpen.class);
    }

    @Test
    void mutableStaticIsCaught() {
        assertCaught(ArchitectureRules.noMutableStatics(), MutableStatic.class);
    }

    @Test
    void anonymousFunctionIsCaught() {
        assertCaught(ArchitectureRules.noAnonymousFunctions(), new Enclosing().function.getClass());
    }

    static final class CreatesEnvironment {
        StreamExecutionEnvironment create() {
            return StreamExecutionEnvironment.getExecutionEnvironment();
        }
    }

    static final class Executes {
        void run(StreamExecutionEnvironment environment) throws Exception {
            environment.execute("job");
        }
    }

    @SuppressWarnings("deprecation")
    static final class CallsRemovedMethod {
        void set(StreamExecutionEnvironment environment) {
            environment.setRestartStrategy(RestartStrategies.noRestart());
        }
    }

    @SuppressWarnings("deprecation")
    abstract static class RemovedSource implements SourceFunction<String> {}

    @SuppressWarnings("deprecation")
    static final class OldOpen extends RichMapFunction<String, String> {
        @Override
        public void open(Configuration parameters) {
            // Flink 2 does not call this.
        }

        @Override
        public String map(String value) {
            return value;
        }
    }

    static final class MutableStatic {
        static int count;
    }

    @SuppressWarnings("Convert2Lambda")
    private static final class Enclosing {
        private final MapFunction<String, String> function =
                new MapFunction<>() {
                    @Override
                    public String map(String value) {
                        return value;
                    }
                };
    }
}
