package org.aima.stores.milvus;

import com.google.protobuf.ByteString;
import io.milvus.grpc.BoolArray;
import io.milvus.grpc.DataType;
import io.milvus.grpc.DoubleArray;
import io.milvus.grpc.FieldData;
import io.milvus.grpc.FieldSchema;
import io.milvus.grpc.FloatArray;
import io.milvus.grpc.IntArray;
import io.milvus.grpc.KeyValuePair;
import io.milvus.grpc.LongArray;
import io.milvus.grpc.PlaceholderGroup;
import io.milvus.grpc.PlaceholderType;
import io.milvus.grpc.PlaceholderValue;
import io.milvus.grpc.ScalarField;
import io.milvus.grpc.StringArray;
import io.milvus.grpc.VectorField;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.aima.jobs.error.Failure;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingSchema.Field;
import org.aima.stores.EmbeddingSchema.Type;
import org.aima.stores.StoreException;
import org.jspecify.annotations.Nullable;

/** Turns rows into Milvus columns and back. */
final class MilvusFields {
    private MilvusFields() {}

    static List<FieldData> columns(EmbeddingSchema schema, List<EmbeddingRow> rows) {
        List<FieldData> columns = new ArrayList<>(schema.fields().size());
        for (Field field : schema.fields()) {
            FieldData.Builder column =
                    FieldData.newBuilder()
                            .setFieldName(field.name())
                            .setType(dataType(field.type()));
            if (field.type() == Type.FLOAT_VECTOR) {
                FloatArray.Builder floats = FloatArray.newBuilder();
                for (EmbeddingRow row : rows) {
                    if (row.vector().length != field.dimension()) {
                        throw new StoreException(
                                Failure.FATAL,
                                "row "
                                        + row.id()
                                        + " has dimension "
                                        + row.vector().length
                                        + ", collection "
                                        + schema.name()
                                        + " has "
                                        + field.dimension(),
                                null);
                    }
                    for (float value : row.vector()) {
                        floats.addData(value);
                    }
                }
                column.setVectors(
                        VectorField.newBuilder().setDim(field.dimension()).setFloatVector(floats));
            } else {
                column.setScalars(scalars(field, rows));
            }
            columns.add(column.build());
        }
        return columns;
    }

    private static ScalarField scalars(Field field, List<EmbeddingRow> rows) {
        ScalarField.Builder scalar = ScalarField.newBuilder();
        switch (field.type()) {
            case VARCHAR -> {
                StringArray.Builder data = StringArray.newBuilder();
                rows.forEach(r -> data.addData(field.primary() ? r.id() : r.text(field.name())));
                scalar.setStringData(data);
            }
            case INT64 -> {
                LongArray.Builder data = LongArray.newBuilder();
                rows.forEach(r -> data.addData(number(field, r).longValue()));
                scalar.setLongData(data);
            }
            case INT32 -> {
                IntArray.Builder data = IntArray.newBuilder();
                rows.forEach(r -> data.addData(number(field, r).intValue()));
                scalar.setIntData(data);
            }
            case FLOAT -> {
                FloatArray.Builder data = FloatArray.newBuilder();
                rows.forEach(r -> data.addData(number(field, r).floatValue()));
                scalar.setFloatData(data);
            }
            case DOUBLE -> {
                DoubleArray.Builder data = DoubleArray.newBuilder();
                rows.forEach(r -> data.addData(number(field, r).doubleValue()));
                scalar.setDoubleData(data);
            }
            case BOOL -> {
                BoolArray.Builder data = BoolArray.newBuilder();
                rows.forEach(r -> data.addData(Boolean.TRUE.equals(r.fields().get(field.name()))));
                scalar.setBoolData(data);
            }
            case FLOAT_VECTOR -> throw new IllegalArgumentException(field.name());
        }
        return scalar.build();
    }

    private static Number number(Field field, EmbeddingRow row) {
        Object value = row.fields().get(field.name());
        if (value == null) {
            // Milvus 2.3 has no null: an absent number is 0, as its own clients write it.
            return 0L;
        }
        if (value instanceof Number number) {
            return number;
        }
        throw new StoreException(
                Failure.FATAL,
                "row " + row.id() + ": field " + field.name() + " is not a number: " + value,
                null);
    }

    static List<EmbeddingRow> rows(EmbeddingSchema schema, List<FieldData> columns) {
        FieldData keys = null;
        FieldData vectors = null;
        List<FieldData> scalars = new ArrayList<>();
        for (FieldData column : columns) {
            if (column.getFieldName().equals(schema.primaryKey().name())) {
                keys = column;
            } else if (column.getType() == DataType.FloatVector) {
                vectors = column;
            } else {
                scalars.add(column);
            }
        }
        if (keys == null) {
            return List.of();
        }
        StringArray ids = keys.getScalars().getStringData();
        List<EmbeddingRow> rows = new ArrayList<>(ids.getDataCount());
        for (int i = 0; i < ids.getDataCount(); i++) {
            Map<String, Object> fields = new HashMap<>();
            for (FieldData column : scalars) {
                Object value = scalar(column, i);
                if (value != null) {
                    fields.put(column.getFieldName(), value);
                }
            }
            rows.add(new EmbeddingRow(ids.getData(i), vector(vectors, i), fields));
        }
        return rows;
    }

    private static float[] vector(@Nullable FieldData column, int row) {
        if (column == null) {
            return new float[0];
        }
        int dimension = (int) column.getVectors().getDim();
        FloatArray data = column.getVectors().getFloatVector();
        float[] vector = new float[dimension];
        int start = row * dimension;
        for (int i = 0; i < dimension; i++) {
            vector[i] = data.getData(start + i);
        }
        return vector;
    }

    private static @Nullable Object scalar(FieldData column, int row) {
        ScalarField data = column.getScalars();
        return switch (column.getType()) {
            case VarChar, String -> data.getStringData().getData(row);
            case Int64 -> data.getLongData().getData(row);
            case Int8, Int16, Int32 -> data.getIntData().getData(row);
            case Float -> data.getFloatData().getData(row);
            case Double -> data.getDoubleData().getData(row);
            case Bool -> data.getBoolData().getData(row);
            default -> null;
        };
    }

    /** Vectors of a search, each as little-endian floats. */
    static ByteString placeholders(List<float[]> vectors) {
        PlaceholderValue.Builder value =
                PlaceholderValue.newBuilder().setTag("$0").setType(PlaceholderType.FloatVector);
        for (float[] vector : vectors) {
            ByteBuffer bytes =
                    ByteBuffer.allocate(Float.BYTES * vector.length).order(ByteOrder.LITTLE_ENDIAN);
            for (float component : vector) {
                bytes.putFloat(component);
            }
            bytes.flip();
            value.addValues(ByteString.copyFrom(bytes));
        }
        return PlaceholderGroup.newBuilder().addPlaceholders(value).build().toByteString();
    }

    static FieldSchema toGrpc(Field field) {
        FieldSchema.Builder schema =
                FieldSchema.newBuilder()
                        .setName(field.name())
                        .setDataType(dataType(field.type()))
                        .setIsPrimaryKey(field.primary())
                        .setIsPartitionKey(field.partitionKey());
        if (field.type() == Type.VARCHAR) {
            schema.addTypeParams(pair("max_length", Integer.toString(field.maxLength())));
        }
        if (field.type() == Type.FLOAT_VECTOR) {
            schema.addTypeParams(pair("dim", Integer.toString(field.dimension())));
        }
        return schema.build();
    }

    static Field fromGrpc(FieldSchema schema) {
        Map<String, String> parameters = new HashMap<>();
        schema.getTypeParamsList().forEach(p -> parameters.put(p.getKey(), p.getValue()));
        return new Field(
                schema.getName(),
                switch (schema.getDataType()) {
                    case VarChar, String -> Type.VARCHAR;
                    case Int64 -> Type.INT64;
                    case Int8, Int16, Int32 -> Type.INT32;
                    case Float -> Type.FLOAT;
                    case Double -> Type.DOUBLE;
                    case Bool -> Type.BOOL;
                    case FloatVector -> Type.FLOAT_VECTOR;
                    default ->
                            throw new StoreException(
                                    Failure.FATAL,
                                    "field "
                                            + schema.getName()
                                            + " has type "
                                            + schema.getDataType()
                                            + ", which this suite does not handle",
                                    null);
                },
                Integer.parseInt(parameters.getOrDefault("max_length", "0")),
                Integer.parseInt(parameters.getOrDefault("dim", "0")),
                schema.getIsPrimaryKey(),
                schema.getIsPartitionKey());
    }

    static KeyValuePair pair(String key, String value) {
        return KeyValuePair.newBuilder().setKey(key).setValue(value).build();
    }

    private static DataType dataType(Type type) {
        return switch (type) {
            case VARCHAR -> DataType.VarChar;
            case INT64 -> DataType.Int64;
            case INT32 -> DataType.Int32;
            case FLOAT -> DataType.Float;
            case DOUBLE -> DataType.Double;
            case BOOL -> DataType.Bool;
            case FLOAT_VECTOR -> DataType.FloatVector;
        };
    }
}
