import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import software.amazon.dynamodb.services.local.main.ServerRunner;
import software.amazon.dynamodb.services.local.server.DynamoDBProxyServer;

/**
 * DynamoDB Local with three things that its own command line lacks: it binds loopback only, it takes any free port and
 * tells which ("READY port"), and it ends with the process that started it, however that one died: it watches its
 * standard input, which the system closes then. It also holds a lock on its data folder ("LOCKED", exit 3), as two
 * processes on one database file lose writes.
 *
 * Usage: java -cp ... LoopbackDynamoDb [DATA_FOLDER]    (without a folder: in memory)
 * compile.sh beside this file makes the class file, which is kept in git so that a JRE is enough.
 */
public final class LoopbackDynamoDb {
    private static final long LOCK_PATIENCE_MS = 5_000;

    public static void main(String[] args) throws Exception {
        List<String> options = new ArrayList<>(List.of("-sharedDb", "-disableTelemetry"));
        FileLock lock = null;
        if (args.length == 0) {
            options.add("-inMemory");
        } else {
            lock = lock(Path.of(args[0]));
            options.addAll(List.of("-dbPath", args[0]));
        }
        DynamoDBProxyServer dynamo = ServerRunner.createServerFromCommandLineArgs(options.toArray(new String[0]));
        ServerConnector connector = connectorOf(dynamo);
        connector.setHost("127.0.0.1");
        connector.setPort(0);
        dynamo.start();
        System.out.println("READY " + connector.getLocalPort());
        System.out.flush();
        awaitEndOfInput();
        dynamo.stop();
        if (lock != null) lock.close();
        System.exit(0);
    }

    /** A predecessor that is just ending may hold it for a moment. */
    private static FileLock lock(Path folder) throws Exception {
        Files.createDirectories(folder);
        FileChannel channel = FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        long giveUpAt = System.currentTimeMillis() + LOCK_PATIENCE_MS;
        while (true) {
            FileLock lock = channel.tryLock();
            if (lock != null) return lock;
            if (System.currentTimeMillis() > giveUpAt) {
                System.out.println("LOCKED");
                System.exit(3);
            }
            Thread.sleep(50);
        }
    }

    private static ServerConnector connectorOf(DynamoDBProxyServer dynamo) throws ReflectiveOperationException {
        Field field = DynamoDBProxyServer.class.getDeclaredField("server");
        field.setAccessible(true);
        Connector[] connectors = ((Server) field.get(dynamo)).getConnectors();
        return (ServerConnector) connectors[0];
    }

    private static void awaitEndOfInput() {
        try {
            while (System.in.read() != -1) { /* nobody writes to it */ }
        } catch (IOException e) {
            // The same as its end.
        }
    }
}
